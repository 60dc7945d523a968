import { PassThrough, type Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { InputStream } from "./user-input.js";

/** What stands for a line break of a pasted text while the line is edited. */
export const lineBreak = "↵";

const begin = "\u001b[200~";
const end = "\u001b[201~";

/**
 * The keys of a terminal for a line editor, in which what the terminal marks as pasted is plain text on one line: its line
 * breaks are `lineBreak`, save those at its end. `close` goes back to the terminal as it was.
 */
export function pasteReader(input: InputStream): { stream: Readable; close(): void } {
  const keys = Object.assign(new PassThrough(), { setRawMode: (raw: boolean) => input.setRawMode?.(raw) });
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let pasted: string | null = null;

  const read = (chunk: Buffer | string): void => {
    rest += typeof chunk === "string" ? chunk : decoder.write(chunk);
    for (;;) {
      const mark = pasted === null ? begin : end;
      const at = rest.indexOf(mark);
      const text = at === -1 ? rest.slice(0, rest.length - lengthOfStart(rest, mark)) : rest.slice(0, at);
      rest = rest.slice(text.length);
      if (pasted === null) keys.write(text);
      else pasted += text;
      if (at === -1) return;
      rest = rest.slice(mark.length);
      if (pasted !== null) keys.write(onOneLine(pasted));
      pasted = pasted === null ? "" : null;
    }
  };
  const stop = (): void => void keys.end();
  input.on("data", read).on("end", stop).on("close", stop).on("error", stop);
  input.resume();
  if (input.readableEnded || input.destroyed) stop();
  return {
    stream: keys,
    close() {
      input.off("data", read).off("end", stop).off("close", stop);
      input.pause();
    },
  };
}

/** How many characters at the end of a text are the start of a mark. An Escape waits for what comes behind it anyway. */
function lengthOfStart(text: string, mark: string): number {
  for (let length = mark.length - 1; length > 0; length--) if (text.endsWith(mark.slice(0, length))) return length;
  return 0;
}

const onOneLine = (text: string): string =>
  text
    .replace(/[\r\n]+$/, "")
    .replace(/\r\n?|\n/g, lineBreak)
    .replaceAll("\t", "    ")
    // Keys that a text cannot have meant.
    .replace(/[\0-\x1f\x7f]/g, "");
