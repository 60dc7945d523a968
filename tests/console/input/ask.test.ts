import assert from "node:assert/strict";
import { test } from "node:test";
import { readAnswer } from "../../../src/console/input/ask.js";

test("runs one command for y, and N for y -N, in any case and with spaces around", () => {
  for (const line of ["y", "Y", " y ", "y\t", "y\r"]) assert.deepEqual(readAnswer(line), { kind: "run", count: 1 });
  for (const line of ["y -5", "Y -5", "  y   -5  ", "y\t-5", "y -05"])
    assert.deepEqual(readAnswer(line), { kind: "run", count: 5 });
  assert.deepEqual(readAnswer("y -1"), { kind: "run", count: 1 });
});

test("pitfall 86: stops for n with spaces around it, and at the end of input", () => {
  for (const line of ["n", "N", "n ", "  n", "n\r", null]) assert.deepEqual(readAnswer(line), { kind: "stop" });
});

test("takes nothing blank or malformed for a yes", () => {
  for (const line of [
    "",
    "   ",
    "\t",
    "y -x",
    "y 5",
    "y -0",
    "y - 5",
    "y -5x",
    "y -1.5",
    "y --5",
    "y -",
    "y-5",
    "y5",
    "y.",
  ])
    assert.equal(readAnswer(line).kind, "unclear", JSON.stringify(line));
  for (const line of ["y please", "y, do it", "y -99999999999999999999", "y -5 and then stop", "y -٣"])
    assert.equal(readAnswer(line).kind, "unclear", JSON.stringify(line));
});

test("understands whole words and marks for the same, and keys that ask for more", () => {
  for (const line of ["yes", "YES", " Yes "]) assert.deepEqual(readAnswer(line), { kind: "run", count: 1 });
  assert.deepEqual(readAnswer("yes -3"), { kind: "run", count: 3 });
  for (const line of ["no", "q", "quit", "Exit", "/quit", ":q"]) assert.deepEqual(readAnswer(line), { kind: "stop" });
  for (const line of ["?", "help", "/help", "h"]) assert.deepEqual(readAnswer(line), { kind: "help" });
  assert.deepEqual(
    ["a", "E", "v"].map((line) => readAnswer(line).kind),
    ["always", "edit", "view"],
  );
});

test("takes several answers at once, and an answer with a mark behind it, for none", () => {
  for (const line of ["y\ny", "n\ny\n", "yes.", "no!", "quit."])
    assert.equal(readAnswer(line).kind, "unclear", JSON.stringify(line));
});

test("takes all other text for feedback, without the spaces around it", () => {
  for (const line of [
    "yes please use b.txt",
    "no, rather b.txt",
    "n -5",
    "nope",
    "a better name would be b.txt",
    "first\ny\nsecond",
    "you should look at a.txt",
    "y'all stop",
    "请用中文回答",
    "-5",
    "ｙ",
  ])
    assert.deepEqual(readAnswer(` ${line} `), { kind: "feedback", text: line });
});
