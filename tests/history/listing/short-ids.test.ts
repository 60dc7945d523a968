import assert from "node:assert/strict";
import { test } from "node:test";
import { shortIds } from "../../../src/history/listing/find-run.js";

test("a short name of a run is the shortest end, of four letters at the least, that no other run's name has; of ten thousand runs they are there at once", () => {
  const names = [
    "20261129-100000-000-abcd",
    "20261129-100001-000-abcd",
    "20261129-100002-000-0001",
    "mine",
    "000-0001",
  ];
  assert.deepEqual([...shortIds(names).entries()].sort(), [
    ["000-0001", "000-0001"],
    ["20261129-100000-000-abcd", "0-000-abcd"],
    ["20261129-100001-000-abcd", "1-000-abcd"],
    ["20261129-100002-000-0001", "-000-0001"],
    ["mine", "mine"],
  ]);
  const many = Array.from(
    { length: 10_000 },
    (_none, at) => `20261129-${100_000 + at}-000-${String(at).padStart(4, "0")}`,
  );
  assert.equal(new Set(shortIds(many).values()).size, many.length);
});
