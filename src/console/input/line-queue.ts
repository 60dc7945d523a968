import { StringDecoder } from "node:string_decoder";
import { SettingsError } from "../../errors.js";

/** The longest line, in characters; no answer comes near it. */
const longestLine = 1 << 20;

export type LineQueue = {
  add(chunk: Buffer | string): void;
  end(): void;
  /** There is a line to take, or there will be none. */
  hasAnswer(): boolean;
  /** The next line, or null at the end. Throws SettingsError in place of a line of more than 1 MB, and from then on. */
  take(): string | null;
};

/** Bytes in, lines out, as UTF-8; a last line need not be ended. */
export function createLineQueue(): LineQueue {
  const lines: string[] = [];
  const decoder = new StringDecoder("utf8");
  let unfinished: string[] = [];
  let unfinishedLength = 0;
  let isTooLong = false;
  let isFirst = true;
  let ended = false;

  function push(line: string): void {
    const text = isFirst ? line.replace(/^\uFEFF/, "") : line;
    isFirst = false;
    lines.push(text.endsWith("\r") ? text.slice(0, -1) : text);
  }

  return {
    add(chunk: Buffer | string): void {
      if (ended) return;
      const [rest = "", ...others] = (typeof chunk === "string" ? chunk : decoder.write(chunk)).split("\n");
      unfinished.push(rest);
      unfinishedLength += rest.length;
      for (const piece of others) {
        if (unfinishedLength > longestLine) break;
        push(unfinished.join(""));
        unfinished = [piece];
        unfinishedLength = piece.length;
      }
      if (unfinishedLength <= longestLine) return;
      unfinished = [];
      isTooLong = true;
      ended = true;
    },
    end(): void {
      if (ended) return;
      ended = true;
      const last = unfinished.join("") + decoder.end();
      if (last !== "") push(last);
    },
    hasAnswer: () => lines.length > 0 || ended,
    take() {
      const line = lines.shift();
      if (line === undefined && isTooLong) throw tooLong();
      return line ?? null;
    },
  };
}

const tooLong = (): SettingsError =>
  new SettingsError(
    "The standard input has a line of more than 1 MB, which cannot be an answer. Give one answer a line.",
  );
