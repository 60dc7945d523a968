/*
 * How much a compressed score can be wrong. A vector v is stored as whole numbers c from -127 to 127 and a scale s, a
 * query q as whole numbers d and a scale t. What the kernel computes is st(c·d), exact but for the last bits. Then
 *
 *   v·q - (sc)·(td) = (v - sc)·q + (sc)·(q - td),
 *
 * and by Cauchy and Schwarz its size is at most |v - sc| |q| + |sc| |q - td|: the row's error times the query's norm plus
 * the row's norm times the query's error. All four are measured here, not estimated, and rounded up; the row's error has
 * room for the rounding of the exact score too, which is below n·2^-53·|v||q| for n numbers.
 */

/** Behind a row's numbers stand scale, norm and error as 32-bit floats, and four unused bytes. */
const measureBytes = 16;
const mostInByte = 127;
const mostInWord = 32_767;
/** More than the relative rounding error of a 64-bit sum of up to nine million products. */
const rounding = 1e-9;
/**
 * Smaller scales have too few digits as 32-bit floats; such a vector is stored as zeros, with its norm as the error.
 */
const smallestStep = 2 ** -100;
/** A little more than the number, so that it is not below it as a 32-bit float; sums of squares are rounded as well. */
const roundedUp = (value: number): number => value * (1 + 2 ** -22) + 2 ** -149;

/** How many numbers a compressed row has: the dimension rounded up; the rest is zeros. */
export const widthOf = (dimension: number): number => Math.ceil(dimension / 32) * 32;
export const compressedBytes = (dimension: number): number => widthOf(dimension) + measureBytes;

/** Writes the compressed vector to `bytes` at `offset`, a multiple of 4 in its buffer. */
export function compressVector(vector: Float32Array, bytes: Uint8Array, offset: number): void {
  const width = widthOf(vector.length);
  const row = new Int8Array(bytes.buffer, bytes.byteOffset + offset, width);
  const measures = new Float32Array(bytes.buffer, bytes.byteOffset + offset + width, measureBytes / 4);
  const step = Math.fround(largest(vector) / mostInByte);
  const scale = step < smallestStep ? 0 : step;
  // Never beyond 127: the scale is off by less than half a step.
  const { norm, keptNorm, lostNorm } = roundTo(row, vector, scale);
  measures[0] = scale;
  measures[1] = roundedUp(keptNorm);
  measures[2] = roundedUp(lostNorm + norm * rounding);
  measures[3] = 0;
}

/** What the kernel takes of a query besides its numbers. */
export type QueryMeasures = { scale: number; norm: number; error: number };

/** Writes the query as 16-bit numbers to `words`, small enough that no sum of the kernel leaves 32 bits. */
export function compressQuery(query: Float32Array, words: Int16Array): QueryMeasures {
  // Each of the kernel's four sums adds a quarter of the products.
  const most = Math.min(mostInWord, Math.floor((2 ** 31 - 1) / (mostInByte * (widthOf(query.length) / 4))));
  const scale = largest(query) / most;
  const { norm, lostNorm } = roundTo(words, query, scale);
  return { scale, norm: roundedUp(norm), error: roundedUp(lostNorm) };
}

/**
 * Writes each number of the vector as the nearest multiple of `scale`, filled up with zeros. Gives the norms of the
 * vector, of what was kept of it, and of what rounding lost.
 */
function roundTo(target: Int8Array | Int16Array, vector: Float32Array, scale: number) {
  const inverse = scale === 0 ? 0 : 1 / scale;
  target.fill(0);
  let own = 0;
  let kept = 0;
  let lost = 0;
  for (let index = 0; index < vector.length; index += 1) {
    const value = vector[index] as number;
    const whole = nearestWhole(value * inverse);
    target[index] = whole;
    const rest = value - whole * scale;
    own += value * value;
    kept += whole * whole;
    lost += rest * rest;
  }
  return { norm: Math.sqrt(own), keptNorm: Math.sqrt(kept) * scale, lostNorm: Math.sqrt(lost) };
}

function largest(vector: Float32Array): number {
  let most = 0;
  for (let index = 0; index < vector.length; index += 1) {
    const size = Math.abs(vector[index] as number);
    if (size > most) most = size;
  }
  return most;
}

/**
 * A 64-bit float of this size has no digits behind the point: adding it rounds, several times faster than Math.round.
 */
const wholeOnly = 1.5 * 2 ** 52;
const nearestWhole = (value: number): number => value + wholeOnly - wholeOnly;
