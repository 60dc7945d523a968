import assert from "node:assert/strict";
import { test } from "node:test";
import { keepRecent } from "../../../src/base/keeping/keep-recent.js";

test("what was set or found last is kept, and what was not used for long is forgotten", () => {
  const kept = keepRecent<string, number>(2);
  for (const [place, key] of ["a", "b", "c"].entries()) kept.set(key, place);
  assert.deepEqual(["b", "c"].map(kept.get), [1, 2]);
  for (const key of ["d", "e", "f", "g"]) kept.set(key, 0);
  assert.deepEqual(["a", "b", "c"].map(kept.get), [undefined, undefined, undefined]);
  assert.equal(kept.get("f"), 0);
  kept.clear();
  assert.equal(kept.get("f"), undefined);
});

test("values count by their size, and a new value takes the place of the one before", () => {
  const kept = keepRecent<number, string>(10, ({ length }) => length);
  kept.set(1, "four");
  kept.set(1, "five5");
  kept.set(2, "four");
  assert.deepEqual([kept.get(1), kept.get(2)], ["five5", "four"]);
  // These fill it twice.
  kept.set(3, "ten letters");
  kept.set(4, "ten letters");
  assert.deepEqual([kept.get(1), kept.get(2), kept.get(4)], [undefined, undefined, "ten letters"]);
});

test("of any keys the last ones are there", () => {
  const [least, kept, used] = [7, keepRecent<number, number>(7), [] as number[]];
  for (let round = 0, seed = 1; round < 5_000; round += 1) {
    seed = (seed * 48_271) % 2_147_483_647;
    const key = seed % 40;
    if (kept.get(key) === undefined) kept.set(key, key);
    used.push(key);
    const last = new Set(used.slice(-least));
    for (const one of last) assert.equal(kept.get(one), one);
  }
});
