import assert from "node:assert/strict";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { DamagedLineError, readJsonLines, readTail } from "../../src/storage/json-lines.js";
import { holdsWholeLine, lineWithSum, lookAtSum, withSum } from "../../src/storage/line-sum.js";
import { temporaryFolder } from "../support/program.js";

const line = { seq: 1, text: 'Zeile\n"中文" 😀', args: { sum: "12345678" } };

test("a line ends with the CRC-32 of its bytes before that field, and is the same object besides", () => {
  const text = lineWithSum(line);
  const [, before = "", sum] = /^(.*),"sum":"([0-9a-f]{8})"\}$/su.exec(text) ?? [];
  assert.equal(sum, crc32(Buffer.from(before)).toString(16).padStart(8, "0"));
  assert.deepEqual(JSON.parse(text), { ...line, sum });
  assert.equal(JSON.stringify(withSum(line)), text);
});

test("a line with any one bit changed has a wrong sum or is no JSON; one of an older file has none", () => {
  const bytes = Buffer.from(lineWithSum(line));
  assert.equal(lookAtSum(bytes), "right");
  assert.equal(lookAtSum(Buffer.from(JSON.stringify(line))), "none");
  assert.equal(lookAtSum(Buffer.from("{}")), "none");
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const isNoticed = lookAtSum(flipped) === "wrong" || !isJson(flipped);
    assert.ok(isNoticed, `bit ${bit & 7} of byte ${bit >> 3}: ${flipped.toString()}`);
  }
});

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}

const sealed = (count: number): string =>
  Array.from({ length: count }, (_, index) => `${lineWithSum({ seq: index + 1 })}\n`).join("");

for (const [what, content, damagedLine] of [
  ["a line that was changed", sealed(3).replace('"seq":2', '"seq":7'), 2],
  ["a last line that was changed", sealed(2).replace('"seq":2', '"seq":7'), 2],
  ["a last line that is no JSON any more", sealed(2).replace('{"seq":2', '["seq":2'), 2],
  ["a first and only line that is no JSON any more", sealed(1).replace('{"seq"', '["seq"'), 1],
  ["a newline lost in the middle", sealed(3).replace("}\n{", "}*{"), 1],
  ["a newline lost before a torn line", `${sealed(2).slice(0, -1)}*{"seq":3`, 2],
  ["a newline lost at the end", `${sealed(2).slice(0, -1)}*`, 2],
] as const) {
  test(`${what} is damage that names file and line`, async (t) => {
    const file = join(await temporaryFolder(t), "a.jsonl");
    await writeFile(file, content);
    await assert.rejects(readJsonLines(file), (thrown) => {
      assert.ok(thrown instanceof DamagedLineError);
      assert.deepEqual([thrown.file, thrown.line], [file, damagedLine]);
      return true;
    });
  });
}

test("what a crash leaves is torn and no damage: any beginning of a line, and zeros in place of it", async (t) => {
  const file = join(await temporaryFolder(t), "a.jsonl");
  const last = sealed(2).slice(sealed(1).length);
  const validBytes = sealed(1).length;
  for (let length = 1; length < last.length; length += 1) {
    await writeFile(file, sealed(1) + last.slice(0, length));
    const read = await readJsonLines<{ seq: number }>(file);
    assert.deepEqual([read.lines.length, read.validBytes, read.torn], [1, validBytes, true]);
  }
  for (const zeros of ["\0".repeat(40), `{"seq":2${"\0".repeat(30)}}\n`]) {
    await writeFile(file, sealed(1) + zeros);
    const read = await readJsonLines(file);
    assert.deepEqual([read.validBytes, read.torn], [validBytes, true]);
  }
});

test("what another process has appended since the whole lines were read has lost no newline", async (t) => {
  const file = join(await temporaryFolder(t), "a.jsonl");
  const read = Buffer.byteLength(sealed(1));
  for (const more of [0, 1, 2]) {
    await writeFile(file, sealed(2 + more));
    const handle = await open(file);
    t.after(() => handle.close());
    const tail = await readTail(handle, read);
    assert.equal(tail.toString(), sealed(2).slice(read, -1));
    assert.equal(holdsWholeLine(tail), false);
  }
});
