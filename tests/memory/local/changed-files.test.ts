import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openLocalStore } from "../../../src/memory/local/store.js";
import { blockRows } from "../../../src/memory/local/vectors/block-file.js";
import type { StoredRecord } from "../../../src/memory/memory.js";
import { dotProduct, unitVector } from "../../../src/memory/vectors/cosine.js";
import { seededNumbers } from "../../support/seeded-numbers.js";
import { temporaryFolder } from "../../support/program.js";

// What is made of a memory's files goes on to be right where these are damaged, mended, exchanged or put back as they were.

const dimension = 64;

/** Makes records with random vectors; those of one maker are the same each time. */
function recordMaker(seed: number) {
  const next = seededNumbers(seed);
  const random = (): Float32Array => unitVector(Float32Array.from({ length: dimension }, () => next() - 0.5));
  let number = 0;
  const make = (vector = random()): StoredRecord => ({
    ...{ id: `record-${seed}-${number}`, text: `text ${seed} ${number++}`, time: new Date(0).toISOString() },
    ...{ source: { run: "run", step: 1, kind: "note" }, embeddingModel: "m", dimension, vectors: [vector] },
  });
  const makeMany = (count: number): StoredRecord[] => Array.from({ length: count }, () => make());
  return { random, make, makeMany };
}

/** A folder with these records, the store that put them there, and what was warned of. */
async function filled(t: TestContext, records: readonly StoredRecord[]) {
  const folder = await temporaryFolder(t);
  const warnings: string[] = [];
  const open = () => openLocalStore(folder, (message) => warnings.push(message));
  const store = open();
  await store.put(records);
  return { folder, store, open, warnings };
}

type Store = ReturnType<typeof openLocalStore>;

/** The first recall of a store looks at blocks while they pass, the second keeps them, the third has them. */
async function agrees(store: Store, records: readonly StoredRecord[], vector: Float32Array): Promise<void> {
  const score = ({ vectors }: StoredRecord): number => dotProduct(vectors[0] as Float32Array, vector);
  const expected = records
    .map((record, place) => ({ id: record.id, score: score(record), place }))
    .sort((one, other) => other.score - one.score || one.place - other.place)
    .slice(0, 5)
    .map(({ id, score }) => ({ id, score }));
  for (let recall = 1; recall <= 3; recall += 1) {
    const found = await store.nearest({ vector }, 5);
    assert.deepEqual(
      found.map(({ id, score }) => ({ id, score })),
      expected,
      `recall ${recall}`,
    );
  }
}

const fileOf = async (folder: string, pattern: RegExp): Promise<string> =>
  join(folder, (await readdir(folder)).sort().find((name) => pattern.test(name)) ?? "");

/** Changes a byte of the last line. */
async function damageLastLine(folder: string): Promise<void> {
  const file = join(folder, "records.jsonl");
  const bytes = await readFile(file);
  const at = bytes.length - 30;
  bytes[at] = (bytes[at] as number) ^ 1;
  await writeFile(file, bytes);
}

test("a record that is mended away at the end of a block is gone for who had the block, and what is added later is found", async (t) => {
  for (const count of [1000, blockRows, 2 * blockRows]) {
    const { make, makeMany, random } = recordMaker(count);
    const records = makeMany(count);
    const { folder, store, open, warnings } = await filled(t, records);
    await agrees(store, records, random());
    await damageLastLine(folder);
    const left = records.slice(0, -1);
    const other = open();
    await agrees(other, left, random());
    assert.equal(warnings.length, 1);
    await agrees(store, left, random());
    const added = make();
    await other.put([added]);
    for (const one of [store, other, open()]) await agrees(one, [...left, added], added.vectors[0] as Float32Array);
    assert.equal(warnings.length, 1);
  }
});

test("of equal vectors those that are not damaged are found, also where the first of them is", async (t) => {
  const { make, random } = recordMaker(3);
  const shared = random();
  const records = Array.from({ length: blockRows + 76 }, (_, place) =>
    make(place % 100 === 0 ? shared.slice() : random()),
  );
  for (const changed of [-1, 3]) {
    const { folder, store, open, warnings } = await filled(t, records);
    await agrees(store, records, shared);
    const file = await fileOf(folder, /\.f32$/);
    const bytes = await readFile(file);
    for (let at = 0; at < dimension * 4; at += 4) bytes.writeFloatLE(changed * bytes.readFloatLE(at), at);
    await writeFile(file, bytes);
    const left = records.slice(1);
    await agrees(open(), left, shared);
    assert.equal(warnings.length, 1);
    for (const one of [store, open()]) await agrees(one, left, shared);
  }
});

test("what is added to records that were cut short is found, though its place was another's", async (t) => {
  const { makeMany, random } = recordMaker(4);
  const records = makeMany(1100);
  const { folder, store, open } = await filled(t, records);
  await agrees(store, records, random());
  const file = join(folder, "records.jsonl");
  const lines = (await readFile(file, "utf8")).split("\n");
  await writeFile(file, `${lines.slice(0, 1001).join("\n")}\n${lines[1001]?.slice(0, 20)}`);
  const added = makeMany(200);
  const other = open();
  await other.put(added);
  const now = [...records.slice(0, 1000), ...added];
  for (const one of [other, open(), store]) await agrees(one, now, added[150]?.vectors[0] as Float32Array);
});

test("a memory that is put back as it was, and went on differently, is searched as it is now", async (t) => {
  const { makeMany, random } = recordMaker(5);
  const records = makeMany(4000);
  const { folder, store, open } = await filled(t, records);
  const copy = await temporaryFolder(t);
  for (const name of ["records.jsonl", ...(await readdir(folder)).filter((name) => name.endsWith(".f32"))])
    await cp(join(folder, name), join(copy, name));
  const lost = recordMaker(6).makeMany(1200);
  await store.put(lost);
  await agrees(store, [...records, ...lost], random());
  await cp(copy, folder, { recursive: true });
  // As long as those that are lost, so that only what the lines say tells them apart.
  const added = recordMaker(7).makeMany(1200);
  await open().put(added);
  for (const one of [open(), store]) await agrees(one, [...records, ...added], added[500]?.vectors[0] as Float32Array);
});

test("blocks that were exchanged are not believed", async (t) => {
  const { makeMany } = recordMaker(8);
  const records = makeMany(2 * blockRows + 10);
  const { folder, open } = await filled(t, records);
  const [first, second] = [await fileOf(folder, /\.0\.i8$/), await fileOf(folder, /\.1\.i8$/)];
  await rename(first, `${first}-away`);
  await rename(second, first);
  await rename(`${first}-away`, second);
  for (const place of [0, 1500]) await agrees(open(), records, records[place]?.vectors[0] as Float32Array);
});

test("a vector that was damaged before its block was filled is noticed when it is", async (t) => {
  const { makeMany, random } = recordMaker(9);
  const records = makeMany(1000);
  const { folder, open, warnings } = await filled(t, records);
  const file = await fileOf(folder, /\.f32$/);
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(0, 10 * dimension * 4, 11 * dimension * 4));
  const added = makeMany(100);
  await open().put(added);
  const left = [...records.slice(0, 10), ...records.slice(11), ...added];
  await agrees(open(), left, random());
  assert.equal(warnings.length, 1);
});

test("who reads all records of which a vector is damaged is told, and gets what is left with the next try", async (t) => {
  const { makeMany } = recordMaker(11);
  const records = makeMany(100);
  const { folder, store, warnings } = await filled(t, records);
  const file = await fileOf(folder, /\.f32$/);
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(0, 10 * dimension * 4, 11 * dimension * 4));
  const readAll = async (): Promise<string[]> => {
    const ids: string[] = [];
    for await (const batch of store.batches()) ids.push(...batch.map(({ id }) => id));
    return ids;
  };
  await assert.rejects(readAll(), /was mended; read it again/);
  assert.equal(warnings.length, 1);
  assert.deepEqual(
    await readAll(),
    [...records.slice(0, 10), ...records.slice(11)].map(({ id }) => id),
  );
});

test("a folder in the place of a file that only saves time does no harm", async (t) => {
  const { makeMany, random } = recordMaker(10);
  const records = makeMany(4100);
  const { folder, open, warnings } = await filled(t, records);
  await agrees(open(), records, random());
  for (const pattern of [/\.0\.i8$/, /^index-/]) {
    const file = await fileOf(folder, pattern);
    await rm(file);
    await mkdir(file);
  }
  await agrees(open(), records, random());
  assert.deepEqual(warnings, []);
});
