import assert from "node:assert/strict";
import { test } from "node:test";
import { bestFew } from "../../../src/memory/vectors/best-few.js";
import { dotProduct, meanVector, unitVector } from "../../../src/memory/vectors/cosine.js";
import fc from "../../support/properties.js";

test("finds what sorting everything would find", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.nat(12), (scores, count) => {
      const sorted = scores.map((score, item) => ({ item, score })).sort((a, b) => b.score - a.score);
      const found = bestFew([...scores.keys()], (item) => scores[item] ?? 0, count);
      assert.deepEqual(found, sorted.slice(0, count));
    }),
  );
});

test("a vector of length 1 has the cosine as its product, and zeros stay zeros", () => {
  const [first, second] = [unitVector(new Float32Array([3, 4])), unitVector(new Float32Array([4, 3]))];
  assert.ok(Math.abs(dotProduct(first, first) - 1) < 1e-6);
  assert.ok(Math.abs(dotProduct(first, second) - 0.96) < 1e-6);
  assert.deepEqual(unitVector(new Float32Array(2)), new Float32Array(2));
  assert.ok(
    dotProduct(meanVector([first, second], [3, 1]), first) > dotProduct(meanVector([first, second], [1, 3]), first),
  );
});
