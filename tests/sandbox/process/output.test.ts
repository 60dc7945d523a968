import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keepOutput } from "../../../src/sandbox/process/output.js";

test("what fits is kept as it is, however it was cut into pieces", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.nat(20)), (text, cuts) => {
      const kept = keepOutput(100_000);
      let bytes = Buffer.from(text);
      for (const cut of cuts) {
        kept.add(bytes.subarray(0, cut));
        bytes = bytes.subarray(cut);
      }
      kept.add(bytes);
      assert.equal(kept.text(), text);
    }),
  );
});

test("of more, beginning and end are kept, and a marker counts what is missing", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 50 }), fc.array(fc.integer({ min: 1, max: 40 })), (limit, sizes) => {
      const kept = keepOutput(limit);
      const all = Buffer.from(
        Array.from({ length: sizes.reduce((sum, size) => sum + size, 0) }, (_, i) => 97 + (i % 26)),
      );
      let at = 0;
      for (const size of sizes) kept.add(all.subarray(at, (at += size)));
      const half = Math.floor(limit / 2);
      if (all.length <= half * 2) return assert.equal(kept.text(), all.toString());
      const [head, tail] = [all.subarray(0, half), all.subarray(all.length - half)];
      assert.equal(kept.text(), `${head}\n[${all.length - half * 2} bytes of output are left out here]\n${tail}`);
    }),
  );
});

test("a cut never leaves half a character", () => {
  const kept = keepOutput(21);
  kept.add(Buffer.from("中".repeat(50)));
  assert.doesNotMatch(kept.text(), /\ufffd/);
});
