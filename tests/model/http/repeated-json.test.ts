import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { wellFormedJson } from "../../../src/base/json.js";
import { createRepeatedJson } from "../../../src/model/http/repeated-json.js";

const textOf = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

test("JSON of what repeats is the same as that of a value alone, each time", () => {
  const message = { role: "user", content: 'half a pair: \ud83d, and "quoted"' };
  const form = { type: "json_schema", schema: { a: undefined, b: [null, { c: 1 }] } };
  const body = {
    model: "m",
    none: undefined,
    nothing: null,
    input: ["a\udc00", 1, undefined, null, [message]],
    empty: [],
    messages: [message, { role: "assistant", content: "ü" }, message],
    form,
    stream: true,
  };
  const repeatedJson = createRepeatedJson();
  for (const value of [body, body, { form, messages: [message] }, {}, { none: undefined, a: [] }])
    assert.equal(textOf(repeatedJson(value)), wellFormedJson(value));
});

test("lists of any of these items, one after the other, are the same as alone", () => {
  const items = ["", "ü", "\ud800", "\u20ac".repeat(9_000), "x".repeat(20_000), "last"].map((content) => ({ content }));
  const item = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...items) },
    fc.constantFrom(null, undefined, 1, "text"),
  );
  const body = fc.record({ model: fc.constantFrom("m", "longer"), messages: fc.array(item), input: fc.array(item) });
  fc.assert(
    fc.property(fc.array(body, { minLength: 2, maxLength: 8 }), (bodies) => {
      const repeatedJson = createRepeatedJson();
      // What was given before stays as it was.
      const made = bodies.map((one) => repeatedJson(one));
      assert.deepEqual(made.map(textOf), bodies.map(wellFormedJson));
    }),
  );
});
