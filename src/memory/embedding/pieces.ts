import { splitsPair, wholeEnd } from "../../base/text.js";

/**
 * Cuts a text into pieces of at most `maxLength` characters (UTF-16 units), each beginning `overlap` characters before
 * the end of the one before it. Without their overlaps the pieces are the text again; no piece is empty, and each
 * reaches further than the one before. A surrogate pair is never split: there a piece or an overlap may be shorter, and
 * where `maxLength` is 1 a piece is a whole pair. Throws RangeError unless 0 <= overlap < maxLength.
 */
export function cutText(text: string, maxLength: number, overlap: number): string[] {
  return pieceRanges(text, maxLength, overlap).map(({ start, end }) => text.slice(start, end));
}

/** Where the pieces of cutText begin and end. */
export function pieceRanges(text: string, maxLength: number, overlap: number): { start: number; end: number }[] {
  if (!Number.isInteger(maxLength) || !Number.isInteger(overlap) || overlap < 0 || overlap >= maxLength) {
    throw new RangeError(
      `The overlap (${overlap}) has to be 0 or more and smaller than the piece length (${maxLength}).`,
    );
  }
  const ranges: { start: number; end: number }[] = [];
  for (let start = 0, end = 0; end < text.length;) {
    const last = end;
    end = wholeEnd(text, start + maxLength);
    if (end <= last) {
      // Only a pair is left to add, and the overlap takes its room.
      end = last + 2;
      start = wholeFrom(text, Math.min(last, end - maxLength));
    }
    ranges.push({ start, end });
    start = wholeFrom(text, end - overlap);
  }
  return ranges;
}

const wholeFrom = (text: string, start: number): number => (splitsPair(text, start) ? start + 1 : start);
