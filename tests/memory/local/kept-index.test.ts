import assert from "node:assert/strict";
import { open, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { crc32 } from "node:zlib";
import { emptyContents, readContents } from "../../../src/memory/local/contents.js";
import { indexedRecords } from "../../../src/memory/local/kept-index.js";
import { indexOn, type RecordIndex } from "../../../src/memory/local/record-index.js";
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

/** What an index says, without the room that it has for more. */
const said = ({ records, nextRow, offsets, firstRows, rowCounts, sums, ...others }: RecordIndex) => ({
  ...{ records, nextRow, ...others, sums: sums.slice(0, nextRow) },
  ...{
    offsets: offsets.slice(0, records),
    firstRows: firstRows.slice(0, records),
    rowCounts: rowCounts.slice(0, records),
  },
});

/** What reading every line comes to. */
async function visited(folder: string) {
  const { header, index } = await readContents(emptyContents(folder));
  const handle = await open(join(folder, "records.jsonl"));
  const bytes = await readFile(join(folder, "records.jsonl"));
  const fresh = { ...emptyContents(folder).index, end: bytes.indexOf("\n") + 1 };
  await indexOn(handle, "records.jsonl", fresh).finally(() => handle.close());
  return { header, read: said({ ...index, keptBlocks: 0, generation: 0 }), visited: said({ ...fresh, generation: 0 }) };
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

const anything = { vector: unitVector(Float32Array.of(2001, 1)) };

/** Writes other bytes over what begins with these. */
async function overwrite(file: string, begins: string, bytes: string): Promise<void> {
  const all = await readFile(file);
  const at = all.indexOf(begins);
  await writeFile(file, Buffer.concat([all.subarray(0, at), Buffer.from(bytes), all.subarray(at + bytes.length)]));
}

test("a line that was changed is found when it is read, though an index is kept of it, and by who reads all of them", async (t) => {
  for (const reader of ["recall", "all"] as const) {
    const folder = await filled(t, indexedRecords + 1);
    await visited(folder);
    await overwrite(join(folder, "records.jsonl"), " 2000", " 2001");
    const warnings: string[] = [];
    const store = openLocalStore(folder, (message) => warnings.push(message));
    assert.equal((await store.stats()).records, indexedRecords + 1);
    if (reader === "all") for await (const batch of store.batches()) assert.ok(batch.length > 0);
    else assert.equal((await store.nearest(anything, indexedRecords)).length, indexedRecords);
    assert.match(warnings.join(), /damaged in line 2002\b/);
    assert.equal((await store.stats()).records, indexedRecords);
    // The lines are others now: what was kept of the earlier ones is gone.
    const { read, visited: expected } = await visited(folder);
    assert.deepEqual(read, expected);
    assert.equal((await indexesOf(folder)).length, 1);
  }
});

test("an index whose last line is not where it says is not believed, as of a memory that was brought back and went on differently", async (t) => {
  const folder = await filled(t, indexedRecords);
  await visited(folder);
  const file = join(folder, "records.jsonl");
  const lines = (await readFile(file, "utf8")).split("\n");
  // Its first 4,000 records are brought back, and others follow them, some of which are longer.
  await writeFile(file, `${lines.slice(0, 4001).join("\n")}\n`);
  const store = openLocalStore(folder, noWarning);
  await store.put(recordsOf(104_000, 2 * indexedRecords - 4000));
  assert.equal((await store.stats()).records, 2 * indexedRecords);
  const { read, visited: expected } = await visited(folder);
  assert.deepEqual(read, expected);
  assert.equal((await indexesOf(folder)).length, 2);
});

test("an index that is whole and says something else of the vectors does no harm: it is made anew, and nothing is lost", async (t) => {
  const folder = await filled(t, indexedRecords);
  await visited(folder);
  const [name] = (await indexesOf(folder)) as [string];
  const right = await readFile(join(folder, name));
  const other = Buffer.from(right);
  // The sum of the last row.
  other.writeUInt32LE(1, other.length - 8);
  other.writeUInt32LE(crc32(other.subarray(0, -4)), other.length - 4);
  await writeFile(join(folder, name), other);
  const store = openLocalStore(folder, noWarning);
  assert.equal((await store.nearest(anything, indexedRecords)).length, indexedRecords);
  assert.deepEqual(await readFile(join(folder, name)), right);
});
