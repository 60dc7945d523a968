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
 * The person's side: `print` for what the agent thinks and does, `note` for warnings and progress. Each line of a text but the
 * first begins with a bar, or is indented, so that no text can pass for another one.
 */
export type Screen = {
  print(text: string): void;
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

/** A screen over two streams. A stream that is closed by its reader is no error: the run goes on unseen. */
export function createScreen({ out, err, signal, plain = false }: ScreenOptions): Screen {
  const terminal = err.isTTY === true ? err : out.isTTY === true ? out : null;
  const region = terminal === null || plain ? null : createLiveRegion(terminal);
  const mark = plain ? plainBar : bar;
  let below: Below | null = null;
  let asked = 0;
  let held: string[] = [];

  const put = (stream: TerminalStream, text: string): void => {
    if (region && stream.isTTY === true) region.write(stream, text);
    else stream.write(text);
  };
  const endLine = (): void => {
    if (region?.isInLine()) region.write(out, "\n");
  };
  const noteNow = (text: string): void => {
    endLine();
    put(err, `${layOut(text, widthOf(err), mark)}\n`);
  };
  const flush = (): void => {
    if (asked > 0 || region?.isInLine()) return;
    const texts = held;
    held = [];
    texts.forEach(noteNow);
  };
  const print = (text: string): void => {
    endLine();
    put(out, `${layOut(text, widthOf(out), mark)}\n`);
    flush();
  };
  return {
    print,
    live: region !== null && out.isTTY === true,
    isTerminal: out.isTTY === true,
    bar: mark,
    get columns() {
      return widthOf(out);
    },
    write(text) {
      put(out, text);
      flush();
    },
    async type(text) {
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
    },
    note(text) {
      if (err.isTTY === true && (asked > 0 || region?.isInLine())) held.push(text);
      else noteNow(text);
    },
    show(given) {
      below = given;
      if (asked === 0) region?.show(below);
    },
    refresh() {
      if (asked === 0) region?.refresh();
    },
    async whileAsked(ask) {
      endLine();
      region?.show(null);
      asked += 1;
      try {
        return await ask();
      } finally {
        asked -= 1;
        region?.atLineStart();
        if (asked === 0) region?.show(below);
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

/** One column stays free: behind a full line terminals differ in where the cursor is. */
const widthOf = ({ isTTY, columns }: TerminalStream): number | undefined =>
  isTTY === true && columns !== undefined ? columns - 1 : undefined;

/** The letters of a text as a reader sees them, an emoji of several code points being one; of a long text its code points. */
function lettersOf(text: string): string[] {
  // The segmenter takes time that grows with the square of the length.
  if (text.length > segmentedCharacters) return [...text];
  return [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
}

/** Waits, or does not once the signal is aborted. */
const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, signal).catch(() => undefined);
