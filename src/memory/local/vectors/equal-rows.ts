import { crc32 } from "node:zlib";
import { blockRows } from "./block-file.js";
import { bytesOf } from "./vectors-file.js";

/** Finds rows of a block whose vectors are the same, byte for byte: an exact score of one is that of the others. */
export interface EqualRows {
  /** For each row, by its place in the block, the first one with the same vector: itself where there is none before it. */
  readonly firsts: Uint16Array;
  /** Whether two are the same. */
  hasEqual(): boolean;
  /** Is told of the rows one after the other. */
  note(place: number, vector: Float32Array): void;
}

/** `vectorOf` reads a row that was noted before. */
export function createEqualRows(vectorOf: (place: number) => Float32Array): EqualRows {
  const firsts = new Uint16Array(blockRows);
  const bySum = new Map<number, number>();
  let found = false;
  return {
    firsts,
    hasEqual: () => found,
    note(place, vector) {
      const bytes = bytesOf(vector);
      const sum = crc32(bytes);
      const before = bySum.get(sum);
      const isSame = before !== undefined && bytes.equals(bytesOf(vectorOf(before)));
      firsts[place] = isSame ? before : place;
      if (isSame) found = true;
      else if (before === undefined) bySum.set(sum, place);
    },
  };
}
