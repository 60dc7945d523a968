import { stripVTControlCharacters } from "node:util";
import { counted } from "../base/text.js";

/** Beyond this share of zero bytes and controls, output is no text. */
const binaryShare = 0.1;

/**
 * What a program has written, as somebody would see it who reads it afterwards: a line that was written over again and
 * again as it was at last, without colours and cursor movements. Runs of zero bytes, and what is no text, are counted.
 */
export function plainOutput(text: string): string {
  const controls = text.match(/[\0-\x06\x0e-\x1a\x1c-\x1f\x7f\ufffd]/g)?.length ?? 0;
  if (controls > 8 && controls > text.length * binaryShare)
    return `[${counted(text.length, "character")} of output that is no text]`;
  return stripVTControlCharacters(text.replace(/\x1b\[(?:[01]?G|2K)/g, "\r"))
    .replace(/\r+\n/g, "\n")
    .split("\n")
    .map((line) => (line.includes("\r") ? lastShown(line) : line))
    .join("\n")
    .replace(/\0+/g, (run) => `[${counted(run.length, "zero byte")}]`)
    .replace(/[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "");
}

/** The last text that stood on a line which was begun anew by carriage returns. */
const lastShown = (line: string): string =>
  line
    .split("\r")
    .filter((part) => part.trim() !== "")
    .at(-1) ?? "";
