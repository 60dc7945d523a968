import assert from "node:assert/strict";
import { test } from "node:test";
import { numberParts } from "../../src/cassette/part-numbers.js";

const long = (name: string): string => JSON.stringify(name.repeat(200));

test("items are numbered from 0, and each is known by its JSON, be it short or long", () => {
  const parts = numberParts();
  const texts = ['"one"', '"two"', long("one"), long("two")];
  assert.deepEqual(
    texts.map((text) => parts.find(text)),
    texts.map(() => undefined),
  );
  assert.deepEqual(
    texts.map((text) => parts.add(text, "item")),
    [0, 1, 2, 3],
  );
  assert.deepEqual(
    texts.map((text) => parts.find(text)),
    [0, 1, 2, 3],
  );
});

test("a part that was not said for long is forgotten, one that was asked for stays, and no number is given twice", () => {
  const parts = numberParts(10);
  parts.add('"seldom"', "item");
  const often = parts.add('"often"', "item");
  for (let index = 0; index < 100; index++) {
    assert.equal(parts.find('"often"'), often);
    assert.equal(parts.add(`"other ${index}"`, "item"), index + 2);
  }
  assert.equal(parts.find('"seldom"'), undefined);
  assert.equal(parts.add('"seldom"', "item"), 102);
});

test("what stands between items takes none of their numbers", () => {
  const parts = numberParts();
  const first = parts.add('"other"');
  assert.deepEqual([parts.add('"one"', "item"), parts.add('"more"'), parts.add('"two"', "item")], [0, first + 1, 1]);
  assert.equal(parts.find('"other"'), first);
});
