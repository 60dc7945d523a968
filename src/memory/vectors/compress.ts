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

/** Bytes behind a row's numbers: scale, norm and error as float32, four unused. */
const measureBytes = 16;
const mostInByte = 127;
const mostInWord = 32_767;
/** More than what float64 loses over a sum of up to nine million products. */
const rounding = 1e-9;
/** Below this a float32 is too coarse for a scale; such a vector counts as zeros, with all of it as its error. */
const smallestStep = 2 ** -100;
/** Not less than the number once it is a float32, and a little more than that: sums of squares are rounded too. */
const roundedUp = (value: number): number => value * (1 + 2 ** -22) + 2 ** -149;

/** How many numbers a compressed row has: the dimension, filled up with zeros. */
export const widthOf = (dimension: number): number => Math.ceil(dimension / 32) * 32;
export const compressedBytes = (dimension: number): number => widthOf(dimension) + measureBytes;

/** Writes the compressed vector to `bytes` at `offset`, a multiple of 4 in its buffer. */
export function compressVector(vector: Float32Array, bytes: Uint8Array, offset: number): void {
  const width = widthOf(vector.length);
  const row = new Int8Array(bytes.buffer, bytes.byteOffset + offset, width).fill(0);
  const measures = new Float32Array(bytes.buffer, bytes.byteOffset + offset + width, measureBytes / 4);
  const step = Math.fround(largest(vector) / mostInByte);
  const scale = step < smallestStep ? 0 : step;
  const inverse = scale === 0 ? 0 : 1 / scale;
  let [own, kept, lost] = [0, 0, 0];
  for (let index = 0; index < vector.length; index += 1) {
    const value = vector[index] as number;
    // Never beyond 127: the scale is off by less than half a step.
    const whole = nearestWhole(value * inverse);
    row[index] = whole;
    const rest = value - whole * scale;
    own += value * value;
    kept += whole * whole;
    lost += rest * rest;
  }
  measures[0] = scale;
  measures[1] = roundedUp(Math.sqrt(kept) * scale);
  measures[2] = roundedUp(Math.sqrt(lost) + Math.sqrt(own) * rounding);
  measures[3] = 0;
}

/** What the kernel takes of a query besides its numbers. */
export type QueryMeasures = { scale: number; norm: number; error: number };

/** Writes the query as 16-bit numbers to `words`, small enough that no sum of the kernel leaves 32 bits. */
export function compressQuery(query: Float32Array, words: Int16Array): QueryMeasures {
  // Each of the kernel's four sums adds a quarter of the products.
  const most = Math.min(mostInWord, Math.floor((2 ** 31 - 1) / (mostInByte * (widthOf(query.length) / 4))));
  const scale = largest(query) / most;
  const inverse = scale === 0 ? 0 : 1 / scale;
  words.fill(0);
  let [own, lost] = [0, 0];
  for (let index = 0; index < query.length; index += 1) {
    const value = query[index] as number;
    const whole = nearestWhole(value * inverse);
    words[index] = whole;
    const rest = value - whole * scale;
    own += value * value;
    lost += rest * rest;
  }
  return { scale, norm: roundedUp(Math.sqrt(own)), error: roundedUp(Math.sqrt(lost)) };
}

function largest(vector: Float32Array): number {
  let most = 0;
  for (let index = 0; index < vector.length; index += 1) {
    const size = Math.abs(vector[index] as number);
    if (size > most) most = size;
  }
  return most;
}

/** Where float64 has no digits left behind the point; adding it rounds, several times faster than Math.round. */
const wholeOnly = 1.5 * 2 ** 52;
const nearestWhole = (value: number): number => value + wholeOnly - wholeOnly;
