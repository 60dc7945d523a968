import type { Encoding } from "../../base/encoding.js";
import type { OpenFile } from "../../workspace/entries.js";
import { splitsPair, wholeEnd } from "../../base/text.js";

/** A stretch of a file's text; `total` is null where the file is too large to count its characters. */
export type TextPart = { text: string; start: number; total: number | null };

const chunkBytes = 1 << 20;
/** The largest file that is read to its end only to count its characters. */
const countedBytes = 64 * 1024 * 1024;

/**
 * Up to `most` characters (UTF-16 units) from `offset` on, read in chunks, so that a file of any size takes little
 * memory. Neither end splits a surrogate pair: an offset in the middle of one begins at its first half.
 */
export async function readPart(file: OpenFile, encoding: Encoding, offset: number, most: number): Promise<TextPart> {
  const decoder = new TextDecoder(encoding);
  const from = Math.max(0, offset - 1);
  const enough = from + most + 2;
  let kept = "";
  let at = 0;
  let position = 0;
  for (let ended = false; !ended;) {
    const bytes = await file.read(position, chunkBytes);
    ended = bytes.length === 0;
    position += bytes.length;
    const text = decoder.decode(bytes, { stream: !ended });
    if (at + text.length > from && at < enough) kept += text.slice(Math.max(0, from - at), enough - at);
    at += text.length;
    if (at >= enough && file.size > countedBytes) return { ...trimmed(kept, from, offset, most), total: null };
  }
  return { ...trimmed(kept, from, offset, most), total: at };
}

function trimmed(kept: string, from: number, offset: number, most: number): { text: string; start: number } {
  const start = offset > from && !splitsPair(kept, 1) ? 1 : 0;
  return { text: kept.slice(start, wholeEnd(kept, start + most)), start: from + start };
}
