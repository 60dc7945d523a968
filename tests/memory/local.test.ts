import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openLocalMemory, type LocalMemoryOptions } from "../../src/memory/local.js";
import { memoryFolder } from "../../src/memory/memory-folder.js";
import { onlyEmbedding } from "../../src/memory/embedding.js";
import type { Memory } from "../../src/memory/memory.js";
import { long, repository, temporaryFolder } from "../support/program.js";
import { memoryContract, source } from "./contract.js";
import { wordsEmbedding } from "./words-embedding.js";

const call = { step: 1, signal: new AbortController().signal };

function options(directory: string, changes: Partial<LocalMemoryOptions> = {}): LocalMemoryOptions {
  const warn = (message: string): void => assert.fail(`no warning was expected: ${message}`);
  const chooseEmbedding = onlyEmbedding("words", wordsEmbedding().embed);
  return { directory, index: "auto-gpt", aiName: "Ada", chooseEmbedding, warn, ...changes };
}

memoryContract({
  name: "local",
  open: (directory, aiName, embed) =>
    openLocalMemory(options(directory, { aiName, chooseEmbedding: onlyEmbedding("words", embed) })),
  place: temporaryFolder,
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

const recalled = async (memory: Memory): Promise<string[]> =>
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

const writer = `
import { openLocalMemory } from ${JSON.stringify(join(repository, "src/memory/local.ts"))};
import { onlyEmbedding } from ${JSON.stringify(join(repository, "src/memory/embedding.ts"))};
import { wordsVector } from ${JSON.stringify(join(repository, "tests/memory/words-embedding.ts"))};
const [directory, who, count] = process.argv.slice(2);
const embed = async (texts) => texts.map(wordsVector);
const warn = (message) => { throw new Error(message); };
const memory = await openLocalMemory({ directory, index: "auto-gpt", aiName: "Ada", chooseEmbedding: onlyEmbedding("words", embed), warn });
const call = { step: 1, signal: new AbortController().signal };
process.stdout.write("ready");
for (let number = 0; number < Number(count); number += 1) {
  const text = who + " " + number + " " + "long text ".repeat(number % 50 * 40);
  await memory.add(text, { run: who, step: number, kind: "note" }, call);
}
`;

function startWriter(script: string, directory: string, who: string, count: number) {
  const child = spawn(process.execPath, ["--import", "tsx", script, directory, who, String(count)], {
    cwd: repository,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { child, ended: once(child, "exit"), ready: once(child.stdout, "data") };
}

test("several processes add to one memory and nothing is lost or mixed", async (t) => {
  const count = long ? 500 : 50;
  const directory = await temporaryFolder(t);
  const script = join(directory, "writer.mts");
  await writeFile(script, writer);
  const writers = ["a", "b", "c"].map((who) => startWriter(script, directory, who, count));
  for (const { ended } of writers) assert.deepEqual(await ended, [0, null]);

  const memory = await openLocalMemory(options(directory));
  const all = await memory.recall("a b c", { count: 10_000 }, call);
  const found = all.map(({ source: { run, step } }) => `${run} ${step}`).sort();
  const expected = ["a", "b", "c"]
    .flatMap((who) => Array.from({ length: count }, (_, step) => `${who} ${step}`))
    .sort();
  assert.deepEqual(found, expected);
  for (const { text, source: from } of all) assert.ok(text.startsWith(`${from.run} ${from.step} `));
  t.diagnostic(`3 processes, ${count} records each`);
});

test("a process that is killed while it adds costs its last record at most", async (t) => {
  const rounds = long ? 50 : 5;
  const directory = await temporaryFolder(t);
  const script = join(directory, "writer.mts");
  await writeFile(script, writer);
  let kept = 0;
  for (let round = 0; round < rounds; round += 1) {
    const { child, ended, ready } = startWriter(script, directory, `round ${round}`, 1_000_000);
    await ready;
    const memory = await openLocalMemory(options(directory));
    const wanted = kept + 1 + ((round * 7) % 11);
    while ((await memory.stats()).records < wanted) await delay(1);
    child.kill("SIGKILL");
    await ended;
    const all = await (await openLocalMemory(options(directory))).recall("red", { count: 100_000 }, call);
    const steps = all.filter(({ source: { run } }) => run === `round ${round}`).map(({ source: { step } }) => step);
    assert.deepEqual(
      steps.sort((a, b) => a - b),
      steps.map((_, index) => index),
    );
    assert.equal(all.length, kept + steps.length);
    assert.ok(all.length >= wanted);
    kept = all.length;
  }
  t.diagnostic(`${rounds} kills, ${kept} records kept`);
});
