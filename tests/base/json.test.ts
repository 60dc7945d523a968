import assert from "node:assert/strict";
import { test } from "node:test";
import { isObject, parseJson } from "../../src/base/json.js";

test("a JSON text gives its value, and anything else undefined", () => {
  assert.deepEqual(parseJson('{"a":[1,null]}'), { a: [1, null] });
  assert.equal(parseJson("null"), null);
  for (const text of ["", "{", "nothing", "{'a':1}", "[1,]"]) assert.equal(parseJson(text), undefined, text);
});

test("only what JSON calls an object is one", () => {
  assert.ok(isObject({}) && isObject(JSON.parse("{}")));
  for (const value of [null, [], "{}", 1, undefined]) assert.equal(isObject(value), false);
});
