import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readJsonLines } from "../../src/storage/json-lines.js";
import { lineWithSum } from "../../src/storage/line-sum.js";
import type { SyncedTogether } from "../../src/storage/lost-lines.js";
import { temporaryFolder } from "../support/program.js";

const first = '{"a":1}\n';
const hole = `{"b":2${"\0".repeat(20)}\n`;
const isSynced = (line: unknown): boolean => (line as { synced?: boolean }).synced === true;
const togetherOf = (line: unknown): SyncedTogether | null => (line as { with?: SyncedTogether }).with ?? null;

test("zeros of a power cut take lines behind them along that were not synced, and are damage before one that was", async (t) => {
  const file = join(await temporaryFolder(t), "file.jsonl");
  for (const [behind, isDamage] of [
    ['{"c":3}\n', false],
    ['{"c":3}\n{"d":4,"synced":true}\n', false],
    ['{"c":3}\n{"d":', false],
    ['{"d":4,"synced":true}\n{"e":5}\n', true],
    ['{"d":4,"synced":true}\n{"e":', true],
  ] as const) {
    await writeFile(file, first + hole + behind);
    const reading = readJsonLines(file, { isSynced });
    if (isDamage) await assert.rejects(reading, { name: "DamagedLineError" }, behind);
    else {
      const { lines, validBytes, torn: isTorn } = await reading;
      assert.deepEqual([lines, validBytes, isTorn], [[{ a: 1 }], first.length, true], behind);
    }
    await assert.rejects(readJsonLines(file), { name: "DamagedLineError" });
  }
});

/** A line that was synced with others: the group's number, and how many of it stand behind this one. */
const synced = (group: number, rest: number): string =>
  `${JSON.stringify({ synced: true, with: { group, rest }, text: "x".repeat(30) })}\n`;
const single = '{"e":5,"synced":true}\n';
const torn = (line: string): string => line.slice(0, -10);
const zeros = (line: string): string => `${line.slice(0, 40)}${"\0".repeat(30)}`;

for (const [what, behind, isDamage] of [
  ["two of one group", synced(1, 1) + synced(1, 0), false],
  ["one that was not synced before them", `{"c":3}\n${synced(1, 1)}${synced(1, 0)}`, false],
  ["the first of a group alone", synced(1, 1), false],
  ["a group whose second is torn", synced(1, 1) + torn(synced(1, 0)), false],
  ["a group whose second is zeros", synced(1, 1) + "\0".repeat(50), false],
  ["a group whose second has lost its newline to zeros", `${synced(1, 1)}${synced(1, 0).trimEnd()}\0\0`, false],
  ["a group whose third is torn, and its second has a hole", `${synced(1, 2)}${zeros("{}")}\n{"synced`, false],
  ["a group whose second has a hole before the third", `${synced(1, 2)}${zeros(synced(1, 1))}\n${synced(1, 0)}`, false],
  ["two that were synced one by one", single + single, true],
  ["one behind a group", synced(1, 1) + synced(1, 0) + single, true],
  ["two groups", synced(1, 1) + synced(1, 0) + synced(2, 1) + synced(2, 0), true],
  ["a group behind the first of another", synced(1, 1) + synced(2, 1) + synced(2, 0), true],
  ["a line that was not synced behind a group", `${synced(1, 1)}${synced(1, 0)}{"f":6}\n`, true],
  ["a line that was not synced within a group", `${synced(1, 1)}{"f":6}\n${synced(1, 0)}`, true],
  ["a torn line behind a group", `${synced(1, 1)}${synced(1, 0)}{"f":`, true],
  ["zeros behind a group", `${synced(1, 1)}${synced(1, 0)}\0\0`, true],
  ["a torn line behind one that was synced alone", `${single}{"f":`, true],
  ["a torn line behind a group whose second has a hole", `${synced(1, 1)}${zeros("{}")}\n{"f":`, true],
  ["no JSON within a group", `${synced(1, 1)}nonsense\n`, true],
] as const)
  test(`zeros of a power cut before ${what} are ${isDamage ? "damage" : "where the lines end"}`, async (t) => {
    const file = join(await temporaryFolder(t), "file.jsonl");
    await writeFile(file, first + hole + behind);
    const reading = readJsonLines(file, { isSynced, togetherOf });
    if (isDamage) return assert.rejects(reading, { name: "DamagedLineError", line: 2 });
    const { lines, ...end } = await reading;
    return assert.deepEqual([lines, end.validBytes, end.torn], [[{ a: 1 }], first.length, true]);
  });

test("a whole line with zeros behind it up to the end, or a hole, is torn: a power cut has taken its newline; with anything else it is damage", async (t) => {
  const file = join(await temporaryFolder(t), "file.jsonl");
  const [before, line] = [`${lineWithSum({ a: 1 })}\n`, lineWithSum({ b: 2 })];
  for (const end of ["", "\0", "\0".repeat(4_096), `${"\0".repeat(20)}"c":`]) {
    await writeFile(file, before + line + end);
    const { count, ...read } = await readJsonLines(file);
    assert.deepEqual([count, read.validBytes, read.torn], [1, before.length, true]);
  }
  for (const end of ["\b", "\0{", `\0${line}`]) {
    await writeFile(file, before + line + end);
    await assert.rejects(readJsonLines(file), { problem: "has lost its end" });
  }
});
