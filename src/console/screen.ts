import { sleep } from "../base/abort.js";
import { bar, layOut } from "./layout.js";
import { createLiveRegion, type Below, type TerminalStream } from "./status/live-region.js";

/** The longest time that typing out one text takes; of a long text several letters appear at once. */
const longestTypingMs = 1_500;
const characterMs = 12;
const segmentedCharacters = 2_000;
/** What stands before the later lines of a text for a screen reader, which would read a bar aloud. */
const plainBar = "  ";

/**
 * The person's side: `print` for what the agent thinks and does, several texts with one call of the system, `note` for warnings and progress. Each line of a text but the
 * first begins with a bar, or is indented, so that no text can pass for another one.
 */
export type Screen = {
  print(...texts: string[]): void;
  /** Prints letter by letter on a terminal, at once elsewhere. Ends early when the signal is aborted. */
  type(text: string): Promise<void>;
  /** Whether somebody watches at a terminal on which lines may be redrawn: not where it is plain. */
  readonly live: boolean;
  /** Whether what is printed is read on a terminal, plain or not. */
  readonly isTerminal: boolean;
  /** The width that lines may have on the terminal; undefined elsewhere. */
  readonly columns: number | undefined;
  /** What a line begins with that goes on with the one before. */
  readonly bar: string;
  /** Writes as it is, without ending the line. */
  write(text: string): void;
  /** Never in the middle of a line, nor while a question is open: it is held back until then. */
  note(text: string): void;
  /** Shows lines below everything else, on a terminal that is not plain; null takes them away. */
  show(below: Below | null): void;
  /** Draws them anew. */
  refresh(): void;
  /** Takes the lines below away while a question is open, and holds notes back. */
  whileAsked<Answer>(ask: () => Promise<Answer>): Promise<Answer>;
  /** Ends the line that is being written, shows what was held back, and nothing below any more. */
  rest(): void;
};

export type ScreenOptions = {
  out: TerminalStream;
  err: TerminalStream;
  signal: AbortSignal;
  /** For a screen reader or a terminal that cannot move its cursor: whole lines, and nothing that is drawn again. */
  plain?: boolean;
};

/** What writes: whole texts, and notes that wait for the end of a line or an answer. */
function createWriter({ out, err, plain = false }: ScreenOptions) {
  const terminal = err.isTTY === true ? err : out.isTTY === true ? out : null;
  const region = terminal === null || plain ? null : createLiveRegion(terminal);
  const mark = plain ? plainBar : bar;
  const held: string[] = [];
  let asked = 0;

  const put = (stream: TerminalStream, text: string): void => {
    if (region && stream.isTTY === true) region.write(stream, text);
    else stream.write(text);
  };
  const endLine = (): void => {
    if (region?.isInLine()) region.write(out, "\n");
  };
  const mustWait = (): boolean => asked > 0 || region?.isInLine() === true;
  const noteNow = (text: string): void => put(err, `${layOut(text, widthOf(err), mark)}\n`);
  const flush = (): void => {
    if (!mustWait()) for (const text of held.splice(0)) noteNow(text);
  };
  return {
    region,
    mark,
    put,
    endLine,
    flush,
    isAsked: () => asked > 0,
    ask: (more: 1 | -1) => void (asked += more),
    note(text: string): void {
      if (err.isTTY === true && mustWait()) held.push(text);
      else noteNow(text);
    },
    print(...texts: string[]): void {
      endLine();
      put(out, texts.map((text) => `${layOut(text, widthOf(out), mark)}\n`).join(""));
      flush();
    },
  };
}

type Writer = ReturnType<typeof createWriter>;

/** A screen over two streams. A stream that is closed by its reader is no error: the run goes on unseen. */
export function createScreen(options: ScreenOptions): Screen {
  const { out } = options;
  const writer = createWriter(options);
  const { region, mark, print, note } = writer;
  return {
    print,
    note,
    live: region !== null && out.isTTY === true,
    isTerminal: out.isTTY === true,
    bar: mark,
    get columns() {
      return widthOf(out);
    },
    write(text) {
      writer.put(out, text);
      writer.flush();
    },
    type: (text) => typeOut(writer, options, text),
    ...linesBelow(writer),
  };
}

/** The part of a screen that is about the lines below, and about questions, which they make room for. */
function linesBelow({
  region,
  ask,
  isAsked,
  endLine,
  flush,
}: Writer): Pick<Screen, "show" | "refresh" | "whileAsked" | "rest"> {
  let below: Below | null = null;
  return {
    show(given) {
      below = given;
      if (!isAsked()) region?.show(below);
    },
    refresh() {
      if (!isAsked()) region?.refresh();
    },
    async whileAsked(question) {
      endLine();
      region?.show(null);
      ask(1);
      try {
        return await question();
      } finally {
        ask(-1);
        region?.atLineStart();
        if (!isAsked()) region?.show(below);
        flush();
      }
    },
    rest() {
      below = null;
      region?.show(null);
      endLine();
      flush();
    },
  };
}

async function typeOut(
  { region, mark, print, put, endLine, flush }: Writer,
  { out, signal }: ScreenOptions,
  text: string,
): Promise<void> {
  if (region === null || out.isTTY !== true || signal.aborted) return print(text);
  endLine();
  const letters = lettersOf(layOut(text, widthOf(out), mark));
  const atOnce = Math.ceil((letters.length * characterMs) / longestTypingMs);
  for (let index = 0; index < letters.length; index += atOnce) {
    put(out, letters.slice(index, index + atOnce).join(""));
    await pause(characterMs, signal);
  }
  put(out, "\n");
  flush();
}

/** One column stays free: behind a full line terminals differ in where the cursor is. */
const widthOf = ({ isTTY, columns }: TerminalStream): number | undefined =>
  isTTY === true && columns !== undefined ? columns - 1 : undefined;

/**
 * The letters of a text as a reader sees them, an emoji of several code points being one; of a long text its code points. A
 * colour stays whole: what is drawn between its parts would make letters of them.
 */
function lettersOf(text: string): string[] {
  return text.split(/(\u001b\[[\d;]*m)/).flatMap((part) => {
    if (part.startsWith("\u001b[")) return [part];
    // The segmenter takes time that grows with the square of the length.
    if (text.length > segmentedCharacters) return [...part];
    return [...new Intl.Segmenter().segment(part)].map(({ segment }) => segment);
  });
}

/** Waits, or does not once the signal is aborted. */
const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, signal).catch(() => undefined);
