import assert from "node:assert/strict";
import { appendFile, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { blockRows } from "../../../src/memory/local/vectors/block-file.js";
import { unitVector } from "../../../src/memory/vectors/cosine.js";
import { onlyEmbedding } from "../embedding/only-embedding.js";
import { openLocalMemory } from "../../../src/memory/local/index.js";
import { memoryFolder } from "../../../src/memory/memory-folder.js";
import type { Embed, OpenedMemory, StoredRecord } from "../../../src/memory/memory.js";
import { temporaryFolder } from "../../support/program.js";
import { source } from "../contract.js";
import { wordsEmbedding, wordsVector } from "../embedding/words-embedding.js";

const call = { step: 1, signal: new AbortController().signal };

function place(
  directory: string,
  embed: Embed | null = wordsEmbedding().embed,
  warnings?: string[],
): Promise<OpenedMemory> {
  const warn = (message: string): void => {
    if (warnings === undefined) assert.fail(`no warning was expected: ${message}`);
    warnings.push(message);
  };
  const chooseEmbedding = onlyEmbedding("words", embed);
  return openLocalMemory({ directory, index: "auto-gpt", aiName: "Ada", chooseEmbedding, warn });
}

const folderOf = (directory: string): string => memoryFolder(directory, "auto-gpt", "Ada");
const recordsOf = (directory: string): string => join(folderOf(directory), "records.jsonl");

async function vectorsOf(directory: string): Promise<string> {
  const names = (await readdir(folderOf(directory))).filter((name) => name.endsWith(".f32"));
  assert.equal(names.length, 1);
  return join(folderOf(directory), names[0] as string);
}

async function all(memory: OpenedMemory): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for await (const record of memory.entries()) records.push(record);
  return records;
}

const recalled = async (memory: OpenedMemory): Promise<string[]> =>
  (await memory.recall("red house", { count: 10 }, call)).map(({ text }) => text).sort();

async function filled(t: TestContext, texts: readonly string[]): Promise<string> {
  const directory = await temporaryFolder(t);
  const memory = await place(directory);
  for (const [step, text] of texts.entries()) await memory.add(text, source(step), call);
  return directory;
}

test("what is forgotten is on the disk no more", async (t) => {
  const directory = await filled(t, ["red house", "a secret thing", "blue boat"]);
  const memory = await place(directory);
  const other = await place(directory);
  assert.equal((await recalled(other)).length, 3);
  const before = await vectorsOf(directory);
  assert.equal(await memory.forget({ run: "run-1", before: new Date(Date.now() + 1).toISOString(), kind: "page" }), 0);
  const [, secret] = await all(memory);
  assert.equal(await memory.forget({ ids: [secret?.id ?? ""] }), 1);
  const after = await vectorsOf(directory);
  assert.notEqual(after, before);
  assert.equal((await stat(after)).size, 2 * 64 * 4);
  for (const name of await readdir(folderOf(directory))) {
    assert.ok(!(await readFile(join(folderOf(directory), name))).includes("secret"), name);
  }
  assert.deepEqual(await recalled(other), ["blue boat", "red house"], "who had it open sees it too");
  assert.deepEqual(await recalled(await place(directory)), ["blue boat", "red house"]);
});

test("what a killed process left of a vector is written over", async (t) => {
  const directory = await filled(t, ["red house"]);
  for (const left of [Buffer.alloc(7, 1), Buffer.alloc(64 * 4 * 3 + 5, 2)]) {
    await appendFile(await vectorsOf(directory), left);
    const text = `blue boat ${left.length}`;
    await (await place(directory)).add(text, source(2), call);
    const record = (await all(await place(directory))).at(-1);
    assert.deepEqual(
      { text: record?.text, vectors: record?.vectors },
      { text, vectors: [unitVector(wordsVector(text))] },
    );
  }
});

test("a header whose first record was never written binds to nothing", async (t) => {
  const directory = await filled(t, ["red house"]);
  const whole = await readFile(recordsOf(directory), "utf8");
  await writeFile(recordsOf(directory), whole.slice(0, whole.indexOf("\n") + 5));
  const { embed, asked } = wordsEmbedding();
  const memory = await place(directory, embed);
  assert.deepEqual(await recalled(memory), []);
  assert.deepEqual(asked, []);
  await memory.add("blue boat", source(1), call);
  assert.deepEqual(await recalled(await place(directory)), ["blue boat"]);
});

for (const [what, damage, kept] of [
  ["gone", (file: string) => rm(file), []],
  ["cut short", async (file: string) => truncated(file, 64 * 4 + 9), ["red house"]],
] as const) {
  test(`pitfall 16: a file of vectors that is ${what} is said, and the records it still serves stay`, async (t) => {
    const directory = await filled(t, ["red house", "blue boat"]);
    const before = await readFile(recordsOf(directory), "utf8");
    await damage(await vectorsOf(directory));
    const warnings: string[] = [];
    const memory = await place(directory, undefined, warnings);
    assert.deepEqual(await recalled(memory), kept);
    assert.match(warnings.join(), /is damaged in line \d.*was kept as/);
    const copy = (await readdir(folderOf(directory))).find((name) => name.includes(".corrupt-")) ?? "";
    assert.equal(await readFile(join(folderOf(directory), copy), "utf8"), before);
    await memory.add("green hill", source(3), call);
    assert.deepEqual(await recalled(await place(directory)), [...kept, "green hill"].sort());
  });
}

test("pitfall 16: of a file whose first line has lost its end, and runs on into long records, a copy is kept", async (t) => {
  const directory = await filled(t, ["a long one, ".repeat(2_000), "red house"]);
  const damaged = (await readFile(recordsOf(directory), "utf8")).replace("\n", " ");
  await writeFile(recordsOf(directory), damaged);
  const warnings: string[] = [];
  const memory = await place(directory, undefined, warnings);
  await memory.add("blue boat", source(1), call);
  assert.match(warnings.join(), /is damaged in line 1.*was kept as/);
  const copy = (await readdir(folderOf(directory))).find((name) => name.includes(".corrupt-")) ?? "";
  assert.equal(await readFile(join(folderOf(directory), copy), "utf8"), damaged);
  assert.deepEqual(await recalled(await place(directory)), ["blue boat"]);
});

async function truncated(file: string, length: number): Promise<void> {
  const handle = await open(file, "r+");
  await handle.truncate(length);
  await handle.close();
}

test("a line that is whole but holds no record is found when it is needed, and mended", async (t) => {
  const directory = await filled(t, ["red house", "blue boat"]);
  const text = await readFile(recordsOf(directory), "utf8");
  await writeFile(recordsOf(directory), text.replace('"text":"blue boat"', '"text":"blue\0\0"boat"'));
  const warnings: string[] = [];
  const memory = await place(directory, undefined, warnings);
  assert.deepEqual(await recalled(memory), ["red house"]);
  assert.equal(warnings.length, 1);
});

test("what is added and forgotten while a memory is embedded anew is seen to", async (t) => {
  const directory = await filled(t, ["red house", "blue boat"]);
  const [memory, other] = [await place(directory), await place(directory)];
  let isFirst = true;
  const embed: Embed = async (texts) => {
    if (isFirst) {
      isFirst = false;
      await other.add("green hill", source(9), call);
      const [first] = await all(other);
      assert.equal(await other.forget({ ids: [first?.id ?? ""] }), 1);
    }
    return texts.map((text) => Float32Array.from([text.length, 1]));
  };
  assert.equal(await memory.reembed({ model: "lengths", embed }, call), 2);
  const records = await all(memory);
  assert.deepEqual(
    records.map(({ text, dimension }) => ({ text, dimension })),
    ["blue boat", "green hill"].map((text) => ({ text, dimension: 2 })),
  );
  assert.deepEqual(records[1]?.vectors, [unitVector(Float32Array.from([10, 1]))]);
  await assert.rejects(recalled(other), { name: "SettingsError", message: /made with lengths/ });
  assert.equal((await readdir(folderOf(directory))).filter((name) => name.startsWith("draft-")).length, 0);
});

test("many records: blocks are kept while they are added, and everything is found after a restart", async (t) => {
  const directory = await temporaryFolder(t);
  const embed: Embed = async (texts) =>
    texts.map((text) => {
      const angle = Number(text.replace(/\D/g, "")) / 1000;
      return Float32Array.from([Math.cos(angle), Math.sin(angle)]);
    });
  const memory = await place(directory, embed);
  const count = 4 * blockRows + 300;
  for (let from = 0; from < count; from += 1000) {
    const numbers = Array.from({ length: Math.min(1000, count - from) }, (_, at) => from + at);
    await memory.addMany(
      numbers.map((number) => ({ text: `record ${number}`, source: source(number) })),
      call,
    );
  }
  assert.equal((await readdir(folderOf(directory))).filter((name) => name.endsWith(".0.i8")).length, 1);
  for (const each of [memory, await place(directory, embed)]) {
    const found = await each.recall("1500", { count: 3 }, call);
    assert.deepEqual(found.map(({ text }) => text).sort(), ["record 1499", "record 1500", "record 1501"]);
    assert.equal(found[0]?.text, "record 1500");
    assert.equal((await each.stats()).records, count);
  }
});

test("stats say where a memory lies and what it takes there", async (t) => {
  const directory = await filled(t, ["red house"]);
  const { backend, records, embeddingModel, dimension, bytes, detail } = await (await place(directory)).stats();
  assert.deepEqual(
    { backend, records, embeddingModel, dimension, detail },
    { backend: "local", records: 1, embeddingModel: "words", dimension: 64, detail: folderOf(directory) },
  );
  assert.equal(bytes, (await stat(recordsOf(directory))).size + 64 * 4);
});
