import assert from "node:assert/strict";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { onlyEmbedding } from "../embedding/only-embedding.js";
import { openLocalMemory } from "../../../src/memory/local/index.js";
import { memoryFolder } from "../../../src/memory/memory-folder.js";
import type { MemoryOptions, OpenedMemory } from "../../../src/memory/memory.js";
import { temporaryFolder } from "../../support/program.js";
import { memoryContract, source } from "../contract.js";
import { wordsEmbedding } from "../embedding/words-embedding.js";

const call = { step: 1, signal: new AbortController().signal };

function options(directory: string, changes: Partial<MemoryOptions> = {}): MemoryOptions {
  const warn = (message: string): void => assert.fail(`no warning was expected: ${message}`);
  const chooseEmbedding = onlyEmbedding("words", wordsEmbedding().embed);
  return { directory, index: "auto-gpt", aiName: "Ada", chooseEmbedding, warn, ...changes };
}

memoryContract({
  name: "local",
  open: (directory, aiName, embed, model = "words") =>
    openLocalMemory(options(directory, { aiName, chooseEmbedding: onlyEmbedding(model, embed) })),
  place: temporaryFolder,
  joinsWords: true,
});

const recordsFile = (directory: string): string => join(memoryFolder(directory, "auto-gpt", "Ada"), "records.jsonl");

/** A place with a memory of two records. */
async function twoRecords(t: TestContext): Promise<string> {
  const directory = await temporaryFolder(t);
  const memory = await openLocalMemory(options(directory));
  await memory.add("red house", source(1), call);
  await memory.add("blue boat", source(2), call);
  return directory;
}

const recalled = async (memory: OpenedMemory): Promise<string[]> =>
  (await memory.recall("red house", { count: 10 }, call)).map(({ text }) => text).sort();

test("pitfall 3: a first run warns of nothing and leaves a valid file", async (t) => {
  const directory = await temporaryFolder(t);
  const memory = await openLocalMemory(options(directory));
  assert.deepEqual(await recalled(memory), []);
  await memory.add("red house", source(1), call);
  const lines = (await readFile(recordsFile(directory), "utf8")).split("\n");
  assert.equal(lines.pop(), "");
  for (const line of lines) JSON.parse(line);
});

test("a torn last line is cut off, wherever it was torn", async (t) => {
  const directory = await twoRecords(t);
  const whole = await readFile(recordsFile(directory));
  const lastLine = whole.lastIndexOf("\n", whole.length - 2) + 1;
  for (const length of [whole.length - 1, whole.length - 20, lastLine + 1, lastLine]) {
    await writeFile(recordsFile(directory), whole.subarray(0, length));
    const memory = await openLocalMemory(options(directory));
    assert.deepEqual(await recalled(memory), ["red house"]);
    await memory.add("green hill", source(3), call);
    assert.deepEqual(await recalled(await openLocalMemory(options(directory))), ["green hill", "red house"]);
  }
  await writeFile(recordsFile(directory), whole.subarray(0, 5));
  const memory = await openLocalMemory(options(directory));
  await memory.add("green hill", source(3), call);
  assert.deepEqual(await recalled(memory), ["green hill"]);
});

test("pitfall 16: a damaged file is kept, said, and what can be read of it stays", async (t) => {
  const directory = await twoRecords(t);
  const damaged = (await readFile(recordsFile(directory), "utf8")).split("\n");
  damaged.splice(2, 0, "\0\0\0 nonsense");
  await writeFile(recordsFile(directory), damaged.join("\n"));
  const warnings: string[] = [];
  const memory = await openLocalMemory(options(directory, { warn: (message) => warnings.push(message) }));
  assert.deepEqual(await recalled(memory), ["blue boat", "red house"]);
  await memory.add("green hill", source(3), call);
  assert.equal(warnings.length, 1);

  const folder = memoryFolder(directory, "auto-gpt", "Ada");
  const backup = (await readdir(folder)).find((name) => /^records\.jsonl\.corrupt-\d{4}-/.test(name));
  assert.ok(backup);
  assert.ok(warnings[0]?.includes(backup));
  assert.equal(await readFile(join(folder, backup), "utf8"), damaged.join("\n"));
  assert.deepEqual(await recalled(await openLocalMemory(options(directory))), ["blue boat", "green hill", "red house"]);
});

for (const [what, content] of [
  ["an old JSON file", '{"texts":["red"]}'],
  ["an old JSON file with a newline", '{"texts":["red"]}\n'],
  ["nonsense", "nonsense"],
  ["zeros", "\0\0\0\0\0\0\0\0\0\n"],
] as const) {
  test(`pitfall 16: a memory file that is ${what} is kept, and a new one begun`, async (t) => {
    const directory = await twoRecords(t);
    await writeFile(recordsFile(directory), content);
    const warnings: string[] = [];
    const memory = await openLocalMemory(options(directory, { warn: (message) => warnings.push(message) }));
    assert.deepEqual(await recalled(memory), []);
    assert.equal(warnings.length, 1);
    await memory.add("green hill", source(3), call);
    assert.deepEqual(await recalled(await openLocalMemory(options(directory))), ["green hill"]);
    const folder = memoryFolder(directory, "auto-gpt", "Ada");
    const backup = (await readdir(folder)).find((name) => name.includes(".corrupt-"));
    assert.equal(await readFile(join(folder, backup ?? ""), "utf8"), content);
  });
}

test("a memory of another embedding model is refused until it is wiped", async (t) => {
  const directory = await twoRecords(t);
  const before = await readFile(recordsFile(directory));
  const other = options(directory, { chooseEmbedding: onlyEmbedding("other", wordsEmbedding().embed) });
  await assert.rejects(openLocalMemory(other), {
    name: "SettingsError",
    message:
      /made with words, and EMBEDDING_MODEL is now other.*Set EMBEDDING_MODEL=words, .*memory reembed, or .*--wipe-memory/,
  });
  assert.deepEqual(await readFile(recordsFile(directory)), before);
  const wiped = await openLocalMemory({ ...other, wipe: true });
  assert.deepEqual(await recalled(wiped), []);
  await wiped.add("red house", source(1), call);
  assert.equal((await wiped.stats()).embeddingModel, "other");
});

test("vectors of another length are refused, and the file stays as it was", async (t) => {
  const directory = await twoRecords(t);
  const before = await readFile(recordsFile(directory));
  const memory = await openLocalMemory(
    options(directory, {
      chooseEmbedding: onlyEmbedding("words", async (texts) => texts.map(() => new Float32Array([1, 2]))),
    }),
  );
  await assert.rejects(memory.add("red", source(1), call), {
    name: "SettingsError",
    message: /64 numbers.*now gives 2/,
  });
  await assert.rejects(recalled(memory), { name: "SettingsError" });
  assert.deepEqual(await readFile(recordsFile(directory)), before);
});

test("a memory of a later version is refused and not touched", async (t) => {
  const directory = await twoRecords(t);
  await writeFile(recordsFile(directory), '{"format":3}\n');
  await assert.rejects(openLocalMemory(options(directory)), { name: "SettingsError", message: /later version/ });
  assert.equal(await readFile(recordsFile(directory), "utf8"), '{"format":3}\n');
});

test("what is left out is left out alike by who has added it, by another process's memory, and by who has only read", async (t) => {
  const directory = await temporaryFolder(t);
  const [one, other] = [await openLocalMemory(options(directory)), await openLocalMemory(options(directory))];
  const words = ["red", "blue", "green", "house", "boat", "hill"];
  const textOf = (number: number): string => `${words[number % 6]} ${words[number % 5]} ${number}`;
  for (let number = 1; number <= 120; number += 1) {
    const from = source(number, number % 3 === 0 ? "run-2" : "run-1");
    await (number % 4 === 0 ? other : one).add(textOf(number), from, call);
  }
  const both = (await list(one.entries())).map(({ text, source: { run, step } }) => ({ text, run, step }));
  assert.equal(both.length, 120);
  for (const fromStep of [1, 2, 60, 119, 121]) {
    const unless = [{ run: "run-1", fromStep }];
    const fresh = await openLocalMemory(options(directory));
    const shown = both.filter(({ run, step }) => run !== "run-1" || step < fromStep);
    const found = await Promise.all(
      [one, other, fresh].map(async (memory) =>
        (await memory.recall("red house", { count: 200, unless }, call)).map(({ text, score }) => ({ text, score })),
      ),
    );
    assert.deepEqual(found[0], found[2]);
    assert.deepEqual(found[1], found[2]);
    assert.deepEqual(found[0]?.map(({ text }) => text).sort(), shown.map(({ text }) => text).sort());
    const few = await one.recall("red house", { count: 7, unless }, call);
    assert.deepEqual(
      few.map(({ text }) => text),
      found[2]?.slice(0, 7).map(({ text }) => text),
    );
  }
});

async function list<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
