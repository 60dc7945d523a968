import type { Writable } from "node:stream";
import { sleep } from "../base/abort.js";
import { layOut } from "./layout.js";

const frames = ["|", "/", "-", "\\"];
const frameMs = 120;
/** The longest time that typing out one text takes; of a long text several letters appear at once. */
const longestTypingMs = 1_500;
const characterMs = 12;
const segmentedCharacters = 2_000;

/**
 * The person's side: `print` for what the agent thinks and does, `note` for warnings and progress. Each line of a text but the
 * first begins with a bar, so that no text can pass for another one.
 */
export type Screen = {
  print(text: string): void;
  /** Prints letter by letter on a terminal, at once elsewhere. Ends early when the signal is aborted. */
  type(text: string): Promise<void>;
  /** Whether somebody watches at a terminal. */
  readonly live: boolean;
  /** The width of the terminal; undefined elsewhere. */
  readonly columns: number | undefined;
  /** Writes as it is, without ending the line. */
  write(text: string): void;
  note(text: string): void;
  /** Whether somebody watches standard error at a terminal. */
  readonly watched: boolean;
  /** Shows that something is going on, on a terminal only, until `rest`; a function is asked for what is true by now. */
  wait(text: string | (() => string)): void;
  rest(): void;
};

export type ScreenOptions = {
  out: Writable & { isTTY?: boolean; columns?: number };
  err: Writable & { isTTY?: boolean; columns?: number };
  signal: AbortSignal;
};

/** A screen over two streams. A stream that is closed by its reader is no error: the run goes on unseen. */
export function createScreen({ out, err, signal }: ScreenOptions): Screen {
  let spinning: NodeJS.Timeout | null = null;
  const rest = (): void => {
    if (!spinning) return;
    clearInterval(spinning);
    spinning = null;
    err.write("\r\u001b[K");
  };
  const print = (text: string): void => {
    rest();
    out.write(`${layOut(text, widthOf(out))}\n`);
  };
  return {
    print,
    live: out.isTTY === true,
    watched: err.isTTY === true,
    get columns() {
      return widthOf(out);
    },
    write(text) {
      rest();
      out.write(text);
    },
    async type(text) {
      if (out.isTTY !== true || signal.aborted) return print(text);
      rest();
      const letters = lettersOf(layOut(text, widthOf(out)));
      const atOnce = Math.ceil((letters.length * characterMs) / longestTypingMs);
      for (let index = 0; index < letters.length; index += atOnce) {
        out.write(letters.slice(index, index + atOnce).join(""));
        await pause(characterMs, signal);
      }
      out.write("\n");
    },
    note(text) {
      rest();
      err.write(`${layOut(text, widthOf(err))}\n`);
    },
    wait(text) {
      if (err.isTTY !== true || spinning) return;
      let frame = 0;
      // What changes may become shorter.
      const now = (): string => (typeof text === "string" ? text : `${text()}\u001b[K`);
      spinning = setInterval(() => err.write(`\r${frames[frame++ % frames.length]} ${now()}`), frameMs);
      spinning.unref();
    },
    rest,
  };
}

const widthOf = ({ isTTY, columns }: { isTTY?: boolean; columns?: number }): number | undefined =>
  isTTY === true ? columns : undefined;

/** The letters of a text as a reader sees them, an emoji of several code points being one; of a long text its code points. */
function lettersOf(text: string): string[] {
  // The segmenter takes time that grows with the square of the length.
  if (text.length > segmentedCharacters) return [...text];
  return [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
}

/** Waits, or does not once the signal is aborted. */
const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, signal).catch(() => undefined);
