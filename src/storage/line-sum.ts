import { crc32 } from "node:zlib";

/** What a line with a sum ends with: `,"sum":"`, eight digits, `"}`. */
const nameOfSum = ',"sum":"';
const endOfSum = '"}';
/** How many digits a sum has. */
export const sumDigits = 8;
const sumBytes = nameOfSum.length + sumDigits + endOfSum.length;

/** The CRC-32 of bytes, or of a text in UTF-8, as eight hexadecimal digits. */
export const sumOf = (content: string | Uint8Array): string => digitsOf(crc32(content));

/** A CRC-32 as eight hexadecimal digits. */
export const digitsOf = (sum: number): string => sum.toString(16).padStart(sumDigits, "0");

/** What is before a line's sum: the text of an object without its closing brace. */
const withoutBrace = (text: string): string => text.slice(0, -1);

/** The object with its sum as the last field: the CRC-32 of all that its line has before it. It has a field or more. */
export const withSum = <Line extends object>(line: Line): Line & { sum: string } => ({
  ...line,
  sum: sumOf(withoutBrace(JSON.stringify(line))),
});

/** The text of an object as a line with its sum. */
export const lineWithSum = (line: object): string => textWithSum(JSON.stringify(line));

/** The text of an object with a field or more, with its sum as the last one. */
export function textWithSum(text: string): string {
  const start = withoutBrace(text);
  return `${start}${nameOfSum}${sumOf(start)}${endOfSum}`;
}

/** The sum that a line has, which ends with it. */
export const sumIn = (line: string): string => line.slice(-endOfSum.length - sumDigits, -endOfSum.length);

/** Older files have lines without a sum. A sum that is right under another name was damaged itself: `wrong`. */
export type SumState = "right" | "wrong" | "none";

/** Looks at the sum of the line in `bytes` from `start` to before `end`, without decoding it. */
export function lookAtSum(bytes: Buffer, start = 0, end = bytes.length): SumState {
  const at = end - sumBytes;
  if (at <= start) return "none";
  const isNamed = bytes.toString("latin1", at, at + nameOfSum.length) === nameOfSum;
  const isClosed = bytes.toString("latin1", end - endOfSum.length, end) === endOfSum;
  const isRight =
    bytes.toString("latin1", at + nameOfSum.length, end - endOfSum.length) === sumOf(bytes.subarray(start, at));
  if (isRight) return isNamed && isClosed ? "right" : "wrong";
  return isNamed && isClosed ? "wrong" : "none";
}

/** Whether a line with a right sum ends before the end of these bytes: a newline behind it was lost, not cut off. */
export function holdsWholeLine(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(nameOfSum); at !== -1; at = bytes.indexOf(nameOfSum, at + 1)) {
    const end = at + sumBytes;
    if (end < bytes.length && lookAtSum(bytes, 0, end) === "right") return true;
  }
  return false;
}
