import { dotProduct } from "./cosine.js";

/** A direction that vectors have in common, and its dot product with itself, nearly 1. */
export type Reference = { direction: Float32Array; square: number };

/** `direction` is of length 1, but for rounding. */
export const referenceAlong = (direction: Float32Array): Reference => ({
  direction,
  square: direction.reduce((sum, value) => sum + value * value, 0),
});

/** Where the mean has less than this part of the vectors' squares, to compress them beside it would win nothing. */
const leastPart = 1 / 16;

/** What lies beside another direction may be so much more, in squares, than what lies beside the mean. */
const nearlyAsLittle = 1.1;

/**
 * The direction of the mean of these vectors, which are all of one dimension, or `known` where that serves nearly as well; null where they have
 * little in common.
 */
export function referenceOf(vectors: readonly Float32Array[], known: Reference | null = null): Reference | null {
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
  const own = referenceAlong(Float32Array.from(sums, (value) => value / length));
  if (known === null) return own;
  const beside = ({ direction }: Reference): number =>
    vectors.reduce((rest, vector) => rest - dotProduct(vector, direction) ** 2, squares);
  return beside(known) <= beside(own) * nearlyAsLittle ? known : own;
}
