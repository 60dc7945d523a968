import assert from "node:assert/strict";
import { test } from "node:test";
import { keepOutput } from "../../../src/sandbox/process/output.js";
import fc from "../../support/properties.js";

/** Zero bytes may be a sign of UTF-16, and a byte order mark is no part of a text. */
const text = fc.string({ unit: "grapheme" }).filter((one) => !/[\0\x1b\ufeff]/.test(one));

test("what fits is kept as it is, however it was cut into pieces", () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(20)), (text, cuts) => {
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

for (const [encoding, bytes, expected] of [
  [
    "Latin-1",
    Buffer.from("Grüße aus Köln, schöne Straßen und süße Früchte\ncaf\xe9\xe9\n", "latin1"),
    /^Grüße aus Köln.*\ncaféé\n$/,
  ],
  ["Shift_JIS", Buffer.from("93fa967b8cea82cc8f6f97cd82c582b781420a".repeat(4), "hex"), /^日本語の出力です。\n/],
  [
    "two encodings, as of two programs,",
    Buffer.concat([
      Buffer.from("Grüße aus Köln, schöne Straßen und süße Früchte\n", "latin1"),
      Buffer.from("93fa967b8cea82cc8f6f97cd82c582b781420a".repeat(4), "hex"),
      Buffer.from("ünïcödé über alles: größer\n"),
    ]),
    /^Grüße aus Köln, schöne Straßen und süße Früchte\n日本語の出力です。\n[^\ufffd]*\nünïcödé über alles: größer\n$/,
  ],
  ["UTF-16", Buffer.from("text in another width\r\n", "utf16le"), /^text in another width\r\n$/],
] as const) {
  test(`output in ${encoding} is read as that`, () => {
    const kept = keepOutput(10_000);
    kept.add(bytes);
    assert.match(kept.text(), expected);
  });
}

test("a character that is still being written is no part of the output yet", () => {
  const kept = keepOutput(10_000);
  kept.add(Buffer.from("fertig: größ").subarray(0, -1));
  assert.equal(kept.text(true), "fertig: grö");
});
