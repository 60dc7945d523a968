import { StringDecoder } from "node:string_decoder";

export type LineQueue = {
  add(chunk: Buffer | string): void;
  end(): void;
  /** There is a line to take, or there will be none. */
  hasAnswer(): boolean;
  /** The next line, or null at the end. */
  take(): string | null;
};

/** Bytes in, lines out, as UTF-8; a last line need not be ended. */
export function createLineQueue(): LineQueue {
  const lines: string[] = [];
  const decoder = new StringDecoder("utf8");
  let unfinished: string[] = [];
  let isFirst = true;
  let ended = false;

  function push(line: string): void {
    const text = isFirst ? line.replace(/^\uFEFF/, "") : line;
    isFirst = false;
    lines.push(text.endsWith("\r") ? text.slice(0, -1) : text);
  }

  return {
    add(chunk: Buffer | string): void {
      const [rest = "", ...others] = (typeof chunk === "string" ? chunk : decoder.write(chunk)).split("\n");
      unfinished.push(rest);
      for (const piece of others) {
        push(unfinished.join(""));
        unfinished = [piece];
      }
    },
    end(): void {
      if (ended) return;
      ended = true;
      const last = unfinished.join("") + decoder.end();
      if (last !== "") push(last);
    },
    hasAnswer: () => lines.length > 0 || ended,
    take: () => lines.shift() ?? null,
  };
}
