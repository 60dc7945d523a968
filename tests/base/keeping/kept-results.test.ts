import assert from "node:assert/strict";
import { test } from "node:test";
import { keepResults } from "../../../src/base/keeping/kept-results.js";

test("a text is worked on once while it is kept, and the oldest is forgotten first", () => {
  const worked: string[] = [];
  const shout = keepResults((text) => (worked.push(text), text.toUpperCase()), { texts: 2 });
  assert.deepEqual(["one", "two", "one", "three", "two", "one"].map(shout), [
    "ONE",
    "TWO",
    "ONE",
    "THREE",
    "TWO",
    "ONE",
  ]);
  assert.deepEqual(worked, ["one", "two", "three", "one"]);
});

test("what is kept has a limit in characters, and a text that takes much of it is not kept", () => {
  const worked: string[] = [];
  const length = keepResults((text) => (worked.push(text), text.length), { characters: 100 });
  const long = "x".repeat(11);
  assert.deepEqual([length(long), length(long)], [11, 11]);
  assert.deepEqual(worked.splice(0), [long, long]);
  const eleven = Array.from({ length: 11 }, (_, index) => `${index}`.padEnd(10, "."));
  eleven.map(length);
  worked.length = 0;
  length(eleven.at(-1) ?? "");
  assert.deepEqual(worked, []);
  length(eleven[0] ?? "");
  assert.deepEqual(worked, [eleven[0]]);
});
