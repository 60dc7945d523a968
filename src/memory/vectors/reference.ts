/** A direction that vectors have in common, and its dot product with itself, nearly 1. */
export type Reference = { direction: Float32Array; square: number };

/** `direction` is of length 1, but for rounding. */
export const referenceAlong = (direction: Float32Array): Reference => ({
  direction,
  square: direction.reduce((sum, value) => sum + value * value, 0),
});

/** Where the mean has less than this part of the vectors' squares, to compress them beside it would win nothing. */
const leastPart = 1 / 16;

/** The direction of the mean of these vectors, which are all of one dimension; null where they have little in common. */
export function referenceOf(vectors: readonly Float32Array[]): Reference | null {
  const sums = new Float64Array(vectors[0]?.length ?? 0);
  let squares = 0;
  for (const vector of vectors) {
    for (let index = 0; index < sums.length; index += 1) {
      const value = vector[index] as number;
      sums[index] = (sums[index] as number) + value;
      squares += value * value;
    }
  }
  const square = sums.reduce((sum, value) => sum + value * value, 0);
  if (!(square / vectors.length > squares * leastPart)) return null;
  const length = Math.sqrt(square);
  return referenceAlong(Float32Array.from(sums, (value) => value / length));
}
