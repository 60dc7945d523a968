import type { Reference } from "./reference.js";

/*
 * How much a compressed score can be wrong. The rows of a block are compressed beside a direction u that they have in common, or none, which is
 * u = 0. A vector is v = au + sc + e with whole numbers c from -127 to 127, a scale s, a = v·u / u·u, and what is lost, e. A query is q = bu + p
 * with b = q·u / u·u, and of p whole numbers d with a scale t are kept. Then
 *
 *   v·q = b(v·u) + v·p,   v·p = a(u·p) + st(c·d) + sc·(p - td) + e·p.
 *
 * u·p is zero but for rounding, and by Cauchy and Schwarz the last two are at most |sc| |p - td| + |e| |p|. So the score cannot exceed
 *
 *   b(v·u) + st(c·d) + |sc| |p - td| + |e| |p| + slack.
 *
 * All four norms are measured here, not estimated, and rounded up. Where rows and query have most of themselves in u, as steps of a run have, e and p are
 * both small, and so is what may be wrong. The slack is 2^-23 of |v| |q|, with the longest v of the block. Half of it is what v·u can lose as a
 * 32-bit float. The rest is for everything that is rounded as a 64-bit float, the exact score among it: each is a sum of n products or a few such
 * operations, all together below 16n·2^-53 |v| |q|, which is enough up to n = 2^25 numbers.
 */

/** Behind a row's numbers stand 32-bit floats: scale, norm of what is kept (sc), norm of what is lost (e), and v·u. */
const measureBytes = 16;
const mostInByte = 127;
const mostInWord = 32_767;
/** Smaller scales have too few digits as 32-bit floats: then nothing is kept, and all is lost. */
const smallestStep = 2 ** -100;
/** Vectors from this length on are not kept at all, as their measures would leave 32 bits. Their bound is infinite. */
const longest = 2 ** 126;
/** What v·u loses as a 32-bit float is measured by |v| only where it has all digits, so that the slack is that of this length at least. */
const shortest = 2 ** -100;
/** A little more than the number, so that it is not below it as a 32-bit float; sums of squares are rounded as well. */
const roundedUp = (value: number): number => value * (1 + 2 ** -22) + 2 ** -149;

/** How many numbers a compressed row has: the dimension rounded up; the rest is zeros. */
export const widthOf = (dimension: number): number => Math.ceil(dimension / 32) * 32;
export const compressedBytes = (dimension: number): number => widthOf(dimension) + measureBytes;

/**
 * Writes the compressed vector to `bytes` at `offset`, a multiple of 4 in its buffer. Gives the length that the slack of its block has to be made for.
 */
export function compressVector(
  vector: Float32Array,
  reference: Reference | null,
  bytes: Uint8Array,
  offset: number,
): number {
  const width = widthOf(vector.length);
  const row = new Int8Array(bytes.buffer, bytes.byteOffset + offset, width);
  const measures = new Float32Array(bytes.buffer, bytes.byteOffset + offset + width, measureBytes / 4);
  const { rest, along, norm } = takeApart(vector, reference);
  if (!(norm < longest)) {
    row.fill(0);
    measures.set([0, 0, Infinity, 0]);
    return Infinity;
  }
  const step = Math.fround(largest(rest) / mostInByte);
  const scale = step < smallestStep ? 0 : step;
  // Never beyond 127: the scale is off by less than half a step.
  const { keptNorm, lostNorm } = roundTo(row, rest, scale);
  measures[0] = scale;
  measures[1] = roundedUp(keptNorm);
  measures[2] = roundedUp(lostNorm);
  measures[3] = along;
  return Math.fround(roundedUp(Math.max(norm, shortest)));
}

/** What the kernel takes of a query besides its numbers: t, |p|, |p - td| and b; and |q|, of which the slack is made. */
export type QueryMeasures = { scale: number; norm: number; error: number; along: number; wholeNorm: number };

/** How far a score can be from what the norms say, in a block whose vectors are no longer than that. */
export const slackOf = (longestOfBlock: number, { wholeNorm }: QueryMeasures): number =>
  longestOfBlock * wholeNorm * 2 ** -23;

/** Writes the query as 16-bit numbers to `words`, small enough that no sum of the kernel leaves 32 bits. */
export function compressQuery(query: Float32Array, reference: Reference | null, words: Int16Array): QueryMeasures {
  // Each of the kernel's four sums adds a quarter of the products.
  const most = Math.min(mostInWord, Math.floor((2 ** 31 - 1) / (mostInByte * (widthOf(query.length) / 4))));
  const { rest, along, norm: wholeNorm } = takeApart(query, reference);
  const scale = largest(rest) / most;
  const { norm, lostNorm } = roundTo(words, rest, scale);
  return {
    scale,
    norm: roundedUp(norm),
    error: roundedUp(lostNorm),
    along: reference === null ? 0 : along / reference.square,
    wholeNorm: roundedUp(wholeNorm),
  };
}

let room = new Float64Array(0);

/** A vector's dot product with the reference, what it has beside it (until the next call), and its norm. */
function takeApart(vector: Float32Array, reference: Reference | null) {
  const count = vector.length;
  if (room.length !== count) room = new Float64Array(count);
  const rest = room;
  let [own, along] = [0, 0];
  if (reference === null) {
    for (let index = 0; index < count; index += 1) {
      const value = vector[index] as number;
      rest[index] = value;
      own += value * value;
    }
    return { rest, along, norm: Math.sqrt(own) };
  }
  const { direction, square } = reference;
  for (let index = 0; index < count; index += 1) {
    const value = vector[index] as number;
    own += value * value;
    along += value * (direction[index] as number);
  }
  const factor = along / square;
  for (let index = 0; index < count; index += 1)
    rest[index] = (vector[index] as number) - factor * (direction[index] as number);
  return { rest, along, norm: Math.sqrt(own) };
}

/**
 * Writes each number as the nearest multiple of `scale`, filled up with zeros. Gives the norms of the numbers, of what was kept of
 * them, and of what rounding lost.
 */
function roundTo(target: Int8Array | Int16Array, numbers: Float64Array, scale: number) {
  const inverse = scale === 0 ? 0 : 1 / scale;
  target.fill(0);
  let own = 0;
  let kept = 0;
  let lost = 0;
  for (let index = 0; index < numbers.length; index += 1) {
    const value = numbers[index] as number;
    const whole = nearestWhole(value * inverse);
    target[index] = whole;
    const rest = value - whole * scale;
    own += value * value;
    kept += whole * whole;
    lost += rest * rest;
  }
  return { norm: Math.sqrt(own), keptNorm: Math.sqrt(kept) * scale, lostNorm: Math.sqrt(lost) };
}

function largest(numbers: Float64Array): number {
  let most = 0;
  for (let index = 0; index < numbers.length; index += 1) {
    const size = Math.abs(numbers[index] as number);
    if (size > most) most = size;
  }
  return most;
}

/**
 * A 64-bit float of this size has no digits behind the point: adding it rounds, several times faster than Math.round.
 */
const wholeOnly = 1.5 * 2 ** 52;
const nearestWhole = (value: number): number => value + wholeOnly - wholeOnly;
