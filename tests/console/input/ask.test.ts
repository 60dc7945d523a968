import assert from "node:assert/strict";
import { test } from "node:test";
import { askUntilClear, readAnswer } from "../../../src/console/input/ask.js";

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

test("takes all other text for feedback, without the spaces around it", () => {
  for (const line of [
    "yes",
    "no",
    "n -5",
    "nope",
    "you should look at a.txt",
    "y'all stop",
    "请用中文回答",
    "-5",
    "ｙ",
  ])
    assert.deepEqual(readAnswer(` ${line} `), { kind: "feedback", text: line });
});

test("says what was unclear and asks again", async () => {
  const lines = ["", "y 5", "y -2"];
  const [asked, said]: [string[], string[]] = [[], []];
  const ask = async (question: string): Promise<string | null> => {
    asked.push(question);
    return lines.shift() ?? null;
  };
  const answer = await askUntilClear("Input:", ask, (line) => said.push(line));
  assert.deepEqual(answer, { kind: "run", count: 2 });
  assert.deepEqual(asked, ["Input:", "Input:", "Input:"]);
  assert.equal(said.length, 2);
  assert.match(said[0] ?? "", /Nothing was entered.*'y -N'/);
  assert.match(said[1] ?? "", /neither 'y' nor 'y -N'/);
});

test("ends with the input while the answers were unclear", async () => {
  const lines = ["", " "];
  const ask = async (): Promise<string | null> => lines.shift() ?? null;
  assert.deepEqual(await askUntilClear("Input:", ask, () => undefined), { kind: "stop" });
});
