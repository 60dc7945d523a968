import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { unitVector } from "../../src/memory/vectors/cosine.js";
import { repository } from "./measure.js";

export const dimension = 1536;

/** A random vector of length 1, the same for the same number. */
export function randomVector(number: number): Float32Array {
  let state = (number * 2_654_435_761 + 1) >>> 0;
  const next = (): number => {
    // xorshift32 (Marsaglia, "Xorshift RNGs", 2003).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
  for (let warm = 0; warm < 8; warm += 1) next();
  const vector = new Float32Array(dimension);
  for (let index = 0; index < dimension; index += 1) vector[index] = next();
  return unitVector(vector);
}

export type Rows = (number: number) => Float32Array;

/** A query that is like two of the rows. */
export function near(rows: Rows, number: number): Float32Array {
  const other = rows(number === 0 ? 1 : number - 1);
  return rows(number).map((value, index) => 0.6 * value + 0.3 * (other[index] ?? 0));
}

/** What makes the text of a record about as long as usual. */
export const filler = "what was seen, done and found out in this step, in about as many words as usual; ".repeat(4);

/** Embeddings of real texts by text-embedding-ada-002; none where the data is not there. */
export function realVectors(): Float32Array[] {
  try {
    const lines = gunzipSync(readFileSync(join(repository, "..", "shared", "data", "embeddings.jsonl.gz")));
    return lines
      .toString("utf8")
      .trim()
      .split("\n")
      .map((line) => unitVector(new Float32Array((JSON.parse(line) as { embedding: number[] }).embedding)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
