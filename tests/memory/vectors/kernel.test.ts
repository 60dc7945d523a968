import assert from "node:assert/strict";
import { test } from "node:test";
import { compressedBytes, compressQuery, compressVector, widthOf } from "../../../src/memory/vectors/compress.js";
import { dotProduct, unitVector } from "../../../src/memory/vectors/cosine.js";
import { kernelBytes } from "../../../src/memory/vectors/kernel-bytes.js";
import { createPlainKernel, createSimdKernel, type Kernel } from "../../../src/memory/vectors/kernel.js";
import { long } from "../../support/program.js";
import fc from "../../support/properties.js";
import { buildKernel } from "./build-kernel.js";

test("the kernel's bytes are what its source is built to", async () => {
  assert.equal(kernelBytes, await buildKernel());
});

/** What the scores of these rows cannot exceed. */
function upperBounds(kernel: Kernel, rows: readonly Float32Array[], query: Float32Array): Float64Array {
  const width = widthOf(query.length);
  const rowBytes = compressedBytes(query.length);
  const [upper, start] = [width * 2, width * 2 + 8 * (rows.length + (rows.length % 2))];
  kernel.reserve(start + rows.length * rowBytes);
  const bytes = new Uint8Array(kernel.buffer, start, rows.length * rowBytes);
  rows.forEach((row, number) => compressVector(row, bytes, number * rowBytes));
  const { scale, norm, error } = compressQuery(query, new Int16Array(kernel.buffer, 0, width));
  kernel.scan(start, rows.length, width, 0, upper, scale, norm, error);
  return new Float64Array(kernel.buffer, upper, rows.length).slice();
}

function simd(): Kernel {
  const kernel = createSimdKernel();
  assert.ok(kernel, "every supported Node has WebAssembly SIMD");
  return kernel;
}

/** Numbers of all sizes, most of them ordinary; a few rows of one length, and a query. */
const value = fc.oneof(
  { weight: 8, arbitrary: fc.float({ min: -1, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 50), max: 2 ** 50 }) },
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

test("no exact score exceeds its bound, whatever the numbers, and both kernels agree to the last bit", (t) => {
  const numRuns = long ? 20_000 : 2_000;
  const [fast, plain] = [simd(), createPlainKernel()];
  fc.assert(
    fc.property(rowsAndQuery, ([query, ...rows]) => {
      assert.ok(query);
      const bounds = upperBounds(fast, rows, query);
      assert.deepEqual(upperBounds(plain, rows, query), bounds);
      rows.forEach((row, number) => assert.ok(dotProduct(row, query) <= (bounds[number] as number)));
    }),
    { numRuns },
  );
  t.diagnostic(`${numRuns} sets of rows`);
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
