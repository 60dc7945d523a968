import assert from "node:assert/strict";
import { open, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { emptyContents, readContents } from "../../../src/memory/local/contents.js";
import { indexedRecords } from "../../../src/memory/local/kept-index.js";
import { indexOn } from "../../../src/memory/local/record-index.js";
import { openLocalStore } from "../../../src/memory/local/store.js";
import type { StoredRecord } from "../../../src/memory/memory.js";
import { unitVector } from "../../../src/memory/vectors/cosine.js";
import { temporaryFolder } from "../../support/program.js";

const recordOf = (number: number): StoredRecord => ({
  ...{ id: `record-${number}`, text: `text ${"é".repeat(number % 7)} ${number}`, time: new Date(0).toISOString() },
  ...{ source: { run: "run", step: number, kind: "note" }, embeddingModel: "m", dimension: 2 },
  // Some records have several vectors.
  vectors: Array.from({ length: 1 + (number % 3) }, (_, place) => unitVector(Float32Array.of(number + 1, place + 1))),
});
const recordsOf = (from: number, count: number): StoredRecord[] =>
  Array.from({ length: count }, (_, place) => recordOf(from + place));
const noWarning = (message: string): void => assert.fail(message);

/** A folder with a memory of so many records, added in two parts. */
async function filled(t: TestContext, count: number): Promise<string> {
  const folder = await temporaryFolder(t);
  const store = openLocalStore(folder, noWarning);
  await store.put(recordsOf(0, 1000));
  await store.put(recordsOf(1000, count - 1000));
  return folder;
}

const indexesOf = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith("index-")).sort();

/** What reading every line comes to. */
async function visited(folder: string) {
  const { header, index } = await readContents(emptyContents(folder));
  const handle = await open(join(folder, "records.jsonl"));
  const bytes = await readFile(join(folder, "records.jsonl"));
  const fresh = { ...emptyContents(folder).index, end: bytes.indexOf("\n") + 1 };
  await indexOn(handle, "records.jsonl", fresh).finally(() => handle.close());
  return { header, read: { ...index, keptBlocks: 0 }, visited: fresh };
}

test("what is kept of whole blocks of records comes to the same as reading every line, and is extended by what is added", async (t) => {
  const folder = await filled(t, indexedRecords + 100);
  // The first reader keeps it, the second takes it from there.
  for (const reader of ["first", "second"]) {
    const { read, visited: expected } = await visited(folder);
    assert.deepEqual(read, expected, reader);
    assert.equal((await indexesOf(folder)).length, 1, reader);
  }
  const store = openLocalStore(folder, noWarning);
  assert.equal((await store.stats()).records, indexedRecords + 100);
  await store.put(recordsOf(indexedRecords + 100, indexedRecords));
  assert.equal((await store.stats()).records, 2 * indexedRecords + 100);
  const { read, visited: expected } = await visited(folder);
  assert.deepEqual(read, expected);
  assert.equal((await indexesOf(folder)).length, 2);
});

test("an index that is damaged, cut short or of other lines is not believed, and is made anew", async (t) => {
  const folder = await filled(t, indexedRecords + 1);
  await visited(folder);
  const [name] = (await indexesOf(folder)) as [string];
  const right = await readFile(join(folder, name));
  const flipped = (at: number): Buffer => right.map((byte, place) => (place === at ? byte ^ 1 : byte)) as Buffer;
  const others = [flipped(4), flipped(16), flipped(right.length >> 1), right.subarray(0, -8), Buffer.alloc(0)];
  for (const other of others) {
    await writeFile(join(folder, name), other);
    const { read, visited: expected } = await visited(folder);
    assert.deepEqual(read, expected);
    assert.deepEqual(await readFile(join(folder, name)), right);
  }
});

test("a line that was changed is found where it is kept in an index as well", async (t) => {
  const folder = await filled(t, indexedRecords + 1);
  await visited(folder);
  const file = join(folder, "records.jsonl");
  const bytes = await readFile(file);
  const at = bytes.indexOf(" 2000");
  await writeFile(file, Buffer.concat([bytes.subarray(0, at), Buffer.from(" 2001"), bytes.subarray(at + 5)]));
  const warnings: string[] = [];
  const store = openLocalStore(folder, (message) => warnings.push(message));
  assert.equal((await store.stats()).records, indexedRecords);
  assert.match(warnings.join(), /damaged in line 2002\b/);
  // The lines are others now: what was kept of the earlier ones is gone.
  const { read, visited: expected } = await visited(folder);
  assert.deepEqual(read, expected);
  assert.equal((await indexesOf(folder)).length, 1);
});
