import assert from "node:assert/strict";
import { test } from "node:test";
import {
  compressedBytes,
  compressQuery,
  compressVector,
  slackOf,
  widthOf,
} from "../../../src/memory/vectors/compress.js";
import { dotProduct, unitVector } from "../../../src/memory/vectors/cosine.js";
import { kernelBytes } from "../../../src/memory/vectors/kernel-bytes.js";
import { createPlainKernel, createSimdKernel, type Kernel } from "../../../src/memory/vectors/kernel.js";
import { referenceAlong, referenceOf, type Reference } from "../../../src/memory/vectors/reference.js";
import { addToSums, noSums } from "../../../src/memory/vectors/row-sums.js";
import { long } from "../../support/program.js";
import fc from "../../support/properties.js";
import { buildKernel } from "./build-kernel.js";

test("the kernel's bytes are what its source is built to", async () => {
  assert.equal(kernelBytes, await buildKernel());
});

/** What the scores of these rows cannot exceed, the highest of that, and the sums of the rows' bytes. */
function scanned(kernel: Kernel, rows: readonly Float32Array[], query: Float32Array, reference: Reference | null) {
  const width = widthOf(query.length);
  const rowBytes = compressedBytes(query.length);
  const [sums, upper] = [width * 2, width * 2 + 32];
  const start = upper + 8 * (rows.length + (rows.length % 2));
  kernel.reserve(start + rows.length * rowBytes);
  const bytes = new Uint8Array(kernel.buffer, start, rows.length * rowBytes);
  const longest = Math.max(...rows.map((row, number) => compressVector(row, reference, bytes, number * rowBytes)));
  const measures = compressQuery(query, reference, new Int16Array(kernel.buffer, 0, width));
  const scan = (summed: number): number => {
    const { scale, norm, error, along } = measures;
    const slack = slackOf(longest, measures);
    return kernel.scan(start, rows.length, width, 0, upper, summed, scale, norm, error, along, slack);
  };
  new Uint32Array(kernel.buffer, sums, 8).set(noSums());
  const highest = scan(sums);
  const bounds = new Float64Array(kernel.buffer, upper, rows.length).slice();
  assert.equal(scan(0), highest);
  assert.deepEqual(new Float64Array(kernel.buffer, upper, rows.length), bounds);
  return { bounds, highest, sums: new Uint32Array(kernel.buffer, sums, 8).slice(), bytes: bytes.slice() };
}

const upperBounds = (
  kernel: Kernel,
  rows: readonly Float32Array[],
  query: Float32Array,
  reference: Reference | null = null,
): Float64Array => scanned(kernel, rows, query, reference).bounds;

function simd(): Kernel {
  const kernel = createSimdKernel();
  assert.ok(kernel, "every supported Node has WebAssembly SIMD");
  return kernel;
}

/** Numbers of all sizes, most of them ordinary; a few rows of one length, and a query. */
const value = fc.oneof(
  { weight: 8, arbitrary: fc.float({ min: -1, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
);
const rowsAndQuery = fc
  .tuple(fc.integer({ min: 1, max: 130 }), fc.integer({ min: 1, max: 5 }))
  .chain(([dimension, count]) =>
    fc.array(fc.array(value, { minLength: dimension, maxLength: dimension }), {
      minLength: count + 1,
      maxLength: count + 1,
    }),
  )
  .map((lists) => lists.map((list) => Float32Array.from(list)));
/** Vectors as near to the first as `spread` says, 0 for copies of it. */
const gathered = fc
  .tuple(rowsAndQuery, fc.constantFrom(0, 1e-30, 1e-7, 1e-4, 0.01, 1))
  .map(([[first, ...others], spread]) => {
    const centre = first as Float32Array;
    const near = (other: Float32Array): Float32Array =>
      centre.map((own, place) => own * (1 - spread / 2) + (spread / 2) * (other[place] ?? 0));
    return [centre, ...others.map(near)];
  });

/** Every bound holds, and both kernels give the same, whatever the rows are compressed beside. */
function boundsHold(fast: Kernel, plain: Kernel, [query, ...rows]: readonly Float32Array[]): void {
  assert.ok(query);
  const directions = [query, rows[0] as Float32Array].filter((each) => each.some((number) => Math.abs(number) > 1e-10));
  for (const reference of [null, referenceOf(rows), ...directions.map((each) => referenceAlong(unitVector(each)))]) {
    const found = scanned(fast, rows, query, reference);
    assert.deepEqual(scanned(plain, rows, query, reference), found);
    assert.equal(found.highest, Math.max(...found.bounds));
    const sums = noSums();
    addToSums(new Uint32Array(found.bytes.buffer), sums);
    assert.deepEqual(found.sums, sums);
    rows.forEach((row, number) => assert.ok(dotProduct(row, query) <= (found.bounds[number] as number)));
  }
}

test("no exact score exceeds its bound, whatever the numbers, and both kernels agree to the last bit", (t) => {
  const numRuns = long ? 20_000 : 2_000;
  const [fast, plain] = [simd(), createPlainKernel()];
  for (const vectors of [rowsAndQuery, gathered]) {
    fc.assert(
      fc.property(vectors, (each) => boundsHold(fast, plain, each)),
      { numRuns: numRuns / 2 },
    );
  }
  t.diagnostic(`${numRuns} sets of rows`);
});

test("no exact score exceeds its bound at dimensions up to 2,100, also of rows that are all but equal", () => {
  const [fast, plain] = [simd(), createPlainKernel()];
  const random = (dimension: number): Float32Array =>
    unitVector(Float32Array.from({ length: dimension }, () => Math.random() - 0.5));
  for (const dimension of [1, 2, 31, 32, 33, 64, 300, 1024, 1536, 2047, 2064, 2100]) {
    const centre = random(dimension);
    for (const spread of [0, 1e-6, 0.01, 0.5, 10]) {
      const near = (): Float32Array => {
        const own = random(dimension);
        return unitVector(centre.map((number, place) => number + spread * (own[place] as number)));
      };
      boundsHold(fast, plain, Array.from({ length: 12 }, near));
    }
  }
});

test("what differs by a thousandth is told apart beside a common direction", () => {
  const random = (): Float32Array => unitVector(Float32Array.from({ length: 1536 }, () => Math.random() - 0.5));
  const centre = random();
  const near = (): Float32Array => {
    const own = random();
    return unitVector(centre.map((number, place) => number + 0.03 * (own[place] as number)));
  };
  const [query, ...rows] = Array.from({ length: 40 }, near) as [Float32Array, ...Float32Array[]];
  const excess = (reference: Reference | null): number =>
    Math.max(
      ...upperBounds(simd(), rows, query, reference).map(
        (bound, row) => bound - dotProduct(rows[row] as Float32Array, query),
      ),
    );
  assert.ok(excess(referenceOf(rows)) < 2e-5, `${excess(referenceOf(rows))}`);
  assert.ok(excess(null) > 1e-3, `${excess(null)}`);
});

test("a direction that is known is taken up again where it serves nearly as well", () => {
  const random = (): Float32Array => unitVector(Float32Array.from({ length: 256 }, () => Math.random() - 0.5));
  const [centre, other] = [random(), random()];
  const around = (vector: Float32Array): Float32Array[] =>
    Array.from({ length: 64 }, () => {
      const own = random();
      return unitVector(vector.map((number, place) => number + 0.5 * (own[place] as number)));
    });
  const known = referenceOf(around(centre));
  assert.ok(known);
  assert.equal(referenceOf(around(centre), known), known);
  const elsewhere = referenceOf(around(other), known);
  assert.ok(elsewhere !== null && dotProduct(elsewhere.direction, other) > 0.9);
  assert.equal(referenceOf(Array.from({ length: 64 }, random), known), null);
});

test("the sums of rows change with any changed, exchanged or missing bytes", () => {
  const numbers = Uint32Array.from({ length: 4 * 1000 }, () => Math.random() * 2 ** 32);
  const sumsOf = (content: Uint32Array): string => {
    const sums = noSums();
    addToSums(content, sums);
    return sums.join(" ");
  };
  const right = sumsOf(numbers);
  const changed = (change: (bytes: Uint8Array) => void): Uint32Array => {
    const copy = numbers.slice();
    change(new Uint8Array(copy.buffer));
    return copy;
  };
  for (let at = 0; at < numbers.byteLength; at += 37) {
    for (const bit of [1, 128]) {
      const flipped = changed((bytes) => (bytes[at] = (bytes[at] as number) ^ bit));
      assert.notEqual(sumsOf(flipped), right, `byte ${at}`);
    }
  }
  for (const size of [16, 512, 4096]) {
    const zeroed = changed((bytes) => bytes.fill(0, size, 2 * size));
    const exchanged = changed((bytes) => {
      const piece = bytes.slice(0, size);
      bytes.copyWithin(0, 2 * size, 3 * size);
      bytes.set(piece, 2 * size);
    });
    const moved = changed((bytes) => bytes.copyWithin(0, size));
    for (const wrong of [zeroed, exchanged, moved]) assert.notEqual(sumsOf(wrong), right, `${size} bytes`);
  }
  assert.notEqual(sumsOf(new Uint32Array(numbers.length)), noSums().join(" "));
  assert.notEqual(sumsOf(new Uint32Array(numbers.length)), new Uint32Array(8).join(" "));
});

test("the bound is close: within two hundredths for unit vectors of 1,536 random numbers", () => {
  const random = (): Float32Array => unitVector(Float32Array.from({ length: 1536 }, () => Math.random() - 0.5));
  const [query, ...rows] = Array.from({ length: 40 }, random) as [Float32Array, ...Float32Array[]];
  upperBounds(simd(), rows, query).forEach((bound, number) => {
    const excess = bound - dotProduct(rows[number] as Float32Array, query);
    assert.ok(excess >= 0 && excess < 0.02, `${excess}`);
  });
});

test("the largest numbers do not overflow, at any dimension", () => {
  for (const dimension of [1, 31, 32, 33, 1536, 2064, 3072, 20_000, 100_000]) {
    const ones = new Float32Array(dimension).fill(1);
    const bounds = upperBounds(simd(), [ones, ones.map((one) => -one)], ones);
    assert.ok(Math.abs((bounds[0] as number) / dimension - 1) < 0.01, `${dimension}: ${bounds[0]}`);
    assert.ok(Math.abs((bounds[1] as number) / dimension + 1) < 0.01, `${dimension}: ${bounds[1]}`);
  }
});

test("vectors of zeros, and of numbers too small for a scale, have bounds that hold", () => {
  const query = Float32Array.from([0.6, 0.8]);
  const rows = [
    [0, 0],
    [1e-38, 1e-40],
    [1e-45, 0],
    [1, 1e-45],
  ].map((row) => Float32Array.from(row));
  const bounds = upperBounds(simd(), rows, query);
  rows.forEach((row, number) => assert.ok(dotProduct(row, query) <= (bounds[number] as number)));
  assert.ok([...upperBounds(simd(), rows, new Float32Array(2))].every((bound) => bound >= 0 && bound < 1e-6));
});
