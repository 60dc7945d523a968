import assert from "node:assert/strict";
import { test } from "node:test";
import { isObject, parseJson, repeatedJson, wellFormedJson } from "../../src/base/json.js";

test("a JSON text gives its value, and anything else undefined", () => {
  assert.deepEqual(parseJson('{"a":[1,null]}'), { a: [1, null] });
  assert.equal(parseJson("null"), null);
  for (const text of ["", "{", "nothing", "{'a':1}", "[1,]"]) assert.equal(parseJson(text), undefined, text);
});

test("only what JSON calls an object is one", () => {
  assert.ok(isObject({}) && isObject(JSON.parse("{}")));
  for (const value of [null, [], "{}", 1, undefined]) assert.equal(isObject(value), false);
});

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
  for (const value of [body, body, { form, messages: [message] }, {}])
    assert.equal(repeatedJson(value), wellFormedJson(value));
});
