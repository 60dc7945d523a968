import { decodeText, type DecodedText, type EncodingHints } from "../encoding.js";

/**
 * The text of what several programs may have written, one behind the other: in one encoding where that reads all of it, else
 * each line in the one that it is likely to be in. UTF-16 and encodings with states are never taken apart.
 */
export function decodeLines(bytes: Uint8Array, hints: EncodingHints = {}): DecodedText {
  const whole = decodeText(bytes, hints);
  if (whole.lost === 0 || /^(?:utf-16|iso-2022)/.test(whole.encoding)) return whole;
  const lines: DecodedText[] = [];
  for (let from = 0; from < bytes.length;) {
    const newline = bytes.indexOf(0x0a, from);
    const end = newline === -1 ? bytes.length : newline + 1;
    const cut = end === bytes.length && hints.cut === true;
    lines.push(decodeText(bytes.subarray(from, end), { ...hints, cut }));
    from = end;
  }
  const lost = lines.reduce((sum, line) => sum + line.lost, 0);
  return lost < whole.lost ? { ...whole, text: lines.map(({ text }) => text).join(""), lost } : whole;
}
