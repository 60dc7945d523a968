import assert from "node:assert/strict";
import { test } from "node:test";
import stringWidth from "string-width";
import { cutToWidth, table, type Column } from "../../../src/console/text/table.js";

const columns: Column[] = [
  { heading: "Id" },
  { heading: "Steps", align: "right", leaveOut: 2 },
  { heading: "Tokens", align: "right", leaveOut: 1 },
  { heading: "Goal", least: 8 },
];
const rows = [
  ["a1b2", "3", "12.3k", "Compare three bicycles"],
  ["漢字", "12", "950", "書く 👩‍👩‍👧 done"],
];

test("columns are as wide as their widest cell, numbers stand at the right, wide characters count twice", () => {
  assert.equal(
    table(columns, rows, undefined),
    [
      "Id    Steps  Tokens  Goal",
      "a1b2      3   12.3k  Compare three bicycles",
      "漢字     12     950  書く 👩‍👩‍👧 done",
    ].join("\n"),
  );
});

test("no line is wider than the terminal: what may be cut is cut, and columns are left out, the least needed first", () => {
  const headings = (width: number): string => table(columns, rows, width).split("\n")[0] ?? "";
  assert.match(headings(40), /Id +Steps +Tokens +Goal/);
  assert.match(headings(28), /Id +Steps +Goal/);
  assert.match(headings(16), /^Id +Goal$/);
  for (let width = 14; width < 60; width += 1)
    for (const line of table(columns, rows, width).split("\n"))
      assert.ok(stringWidth(line) <= width, `${width} ${line}`);
});

test("a cell stays on one line and moves no cursor, and is not measured for ever", () => {
  const text = table([{ heading: "", least: 5 }], [["a\u001b[2J\nb"], ["x".repeat(1e6)]], 20);
  assert.equal(text, "a\\u001b[2J\\nb\nxxxxxxxxxxxxxxxxxxx…");
});

test("a text is cut between characters as a reader sees them", () => {
  assert.equal(cutToWidth("漢字かな", 5), "漢字…");
  assert.equal(cutToWidth("👩‍👩‍👧👩‍👩‍👧", 3), "👩‍👩‍👧…");
  assert.equal(cutToWidth("abc", 3), "abc");
  assert.equal(cutToWidth("abc", 0), "");
});
