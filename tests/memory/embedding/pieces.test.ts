import assert from "node:assert/strict";
import { test } from "node:test";
import { cutText, pieceRanges } from "../../../src/memory/embedding/pieces.js";
import fc from "../../support/properties.js";

test("pitfall 54: ten letters in fours, with and without overlap", () => {
  assert.deepEqual(cutText("abcdefghij", 4, 0), ["abcd", "efgh", "ij"]);
  assert.deepEqual(cutText("abcdefghij", 4, 2), ["abcd", "cdef", "efgh", "ghij"]);
  assert.deepEqual(cutText("abcd", 4, 3), ["abcd"]);
  assert.deepEqual(cutText("", 4, 0), []);
});

test("pitfall 55: an overlap as long as a piece is refused", () => {
  for (const [length, overlap] of [
    [4, 4],
    [4, 5],
    [0, 0],
    [4, -1],
    [4.5, 1],
    [NaN, 0],
  ] as const) {
    assert.throws(() => cutText("abcdefghij", length, overlap), RangeError);
  }
});

test("a pair of surrogates is never split", () => {
  assert.deepEqual(cutText("😀😀😀", 3, 0), ["😀", "😀", "😀"]);
  assert.deepEqual(cutText("a😀b", 2, 1), ["a", "😀", "b"]);
  assert.deepEqual(cutText("😀😀", 1, 0), ["😀", "😀"]);
});

test("pitfall 54: the pieces without their overlaps are the text, for any text", () => {
  const unit = fc.constantFrom("a", "b", "中", "😀", "👩‍👧", "\n", "\ud800");
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 60 }), fc.integer({ min: 2, max: 12 }), fc.nat(11), (units, most, nat) => {
      const text = units.join("");
      const overlap = nat % most;
      let whole = "";
      for (const [index, { start, end }] of pieceRanges(text, most, overlap).entries()) {
        assert.ok(end - start <= most && end > start, "neither empty nor too long");
        assert.ok(start <= whole.length && end > whole.length, "no gap, and something new in each");
        assert.ok(index === 0 || whole.length - start <= overlap, "no larger overlap than asked for");
        assert.ok(!splits(text, start) && !splits(text, end), "no pair split");
        whole += text.slice(whole.length, end);
      }
      assert.equal(whole, text);
    }),
    { numRuns: 2000 },
  );
});

const splits = (text: string, at: number): boolean => (text.codePointAt(at - 1) ?? 0) > 0xffff;
