import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, truncate, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openRecordFile } from "../../../src/memory/local/record-file.js";
import { openLocalStore } from "../../../src/memory/local/store.js";
import { createKeptWords, type KeptWords } from "../../../src/memory/local/words/kept-words.js";
import type { StoredRecord } from "../../../src/memory/memory.js";
import { createWordIndex } from "../../../src/memory/vectors/word-index.js";
import { temporaryFolder } from "../../support/program.js";

const words = ["red", "house", "Zażółć", "服务器每周日重启", "サーバー", "x-1", "garden", "boat", "über", "42"];
const textOf = (number: number): string =>
  Array.from({ length: 3 + (number % 9) }, (_, place) => words[(number * 7 + place * place) % words.length]).join(" ") +
  ` n${number}`;
const queries = ["red house", "服务器重启", "zazolc UBER 42", "n17 n3 garden", "nothing-of-this", ""];

const records = (from: number, to: number): StoredRecord[] =>
  Array.from({ length: to - from }, (_, place) => ({
    id: `id-${from + place}`,
    text: textOf(from + place),
    source: { run: "run-1", step: from + place, kind: "step" as const },
    time: "2026-11-29T10:00:00.000Z",
    embeddingModel: "letters",
    dimension: 1,
    vectors: [new Float32Array([1])],
  }));

/** A memory's folder; `rank` gives what kept words find in it, `all` what an index of all texts in memory does. */
async function memory(t: TestContext, count: number) {
  const folder = await temporaryFolder(t);
  const warnings: string[] = [];
  const store = openLocalStore(folder, (message) => warnings.push(message));
  await store.put(records(0, count));
  const file = openRecordFile(folder, (message) => warnings.push(message));
  const rank = (kept: KeptWords, query: string) =>
    file.read(async (contents) => (await kept.rank(contents, query))(1000));
  const blocks = async (): Promise<string[]> =>
    (await readdir(folder))
      .filter((name) => name.startsWith("words-"))
      .sort((one, other) => Number(one.split(".")[1]) - Number(other.split(".")[1]))
      .map((name) => join(folder, name));
  const expectAll = async (kept: KeptWords, texts: readonly string[]): Promise<void> => {
    const index = createWordIndex<number>();
    texts.forEach((text, number) => index.add(number, text));
    for (const query of queries) assert.deepEqual(await rank(kept, query), index.best(query, 1000), query);
  };
  return { folder, store, rank, blocks, expectAll, warnings };
}
const textsTo = (count: number): string[] => Array.from({ length: count }, (_, number) => textOf(number));
const small = 2_000;

test("words in blocks on disk find what an index of all texts finds, with the same scores", async (t) => {
  const { store, blocks, expectAll } = await memory(t, 100);
  const kept = createKeptWords(small);
  await expectAll(kept, textsTo(100));
  const before = await blocks();
  assert.ok(before.length > 5, String(before.length));
  await store.put(records(100, 150));
  await expectAll(kept, textsTo(150));
  await expectAll(createKeptWords(small), textsTo(150));
  const contents = await Promise.all((await blocks()).map((name) => readFile(name)));
  await expectAll(createKeptWords(small), textsTo(150));
  assert.deepEqual(await Promise.all((await blocks()).map((name) => readFile(name))), contents, "read, not made again");
  assert.ok((await blocks()).length > before.length);
});

test("a block that is missing, cut or damaged anywhere is made again, also under a process that has it open", async (t) => {
  const { blocks, expectAll } = await memory(t, 100);
  const open = createKeptWords(small);
  await expectAll(open, textsTo(100));
  const [, second = ""] = await blocks();
  const whole = await readFile(second);
  const harms: Record<string, () => Promise<void>> = {
    missing: () => unlink(second),
    empty: () => truncate(second, 0),
    cut: () => truncate(second, whole.length - 3),
    zeros: () => writeFile(second, Buffer.alloc(whole.length)),
    ...Object.fromEntries(
      [0, 4, 9, 5_000, 20_000, whole.length - 1].map((at) => [
        at === whole.length - 1 ? "last byte" : `byte ${at}`,
        () =>
          writeFile(
            second,
            Buffer.concat([whole.subarray(0, at), Buffer.of((whole[at] ?? 0) ^ 1), whole.subarray(at + 1)]),
          ),
      ]),
    ),
  };
  for (const [name, harm] of Object.entries(harms)) {
    await harm();
    await expectAll(createKeptWords(small), textsTo(100));
    await expectAll(open, textsTo(100));
    // The last bytes hold words that nobody asks for here: their damage is found when somebody does.
    if (name.startsWith("last")) await writeFile(second, whole);
    assert.deepEqual(await readFile(second), whole, name);
  }
});

test("after something was forgotten or mended, the words are those of the records that are left", async (t) => {
  const { folder, store, blocks, expectAll, warnings } = await memory(t, 60);
  const kept = createKeptWords(small);
  await expectAll(kept, textsTo(60));
  const before = await blocks();
  await store.remove(["id-0", "id-30"]);
  const left = textsTo(60).filter((_, number) => number !== 0 && number !== 30);
  assert.deepEqual(await blocks(), [], "what was forgotten is on the disk no more");
  await expectAll(kept, left);
  assert.equal(
    (await blocks()).some((name) => before.includes(name)),
    false,
  );
  const path = join(folder, "records.jsonl");
  const lines = (await readFile(path, "utf8")).split("\n");
  lines[3] = "no record";
  await writeFile(path, lines.join("\n"));
  await expectAll(
    kept,
    left.filter((_, number) => number !== 2),
  );
  assert.equal(warnings.length, 1);
  await store.clear();
  assert.deepEqual(await blocks(), []);
});

test("where a block cannot be kept, its words are found all the same", async (t) => {
  const { blocks, expectAll } = await memory(t, 60);
  await expectAll(createKeptWords(small), textsTo(60));
  const [, second = ""] = await blocks();
  await unlink(second);
  await mkdir(join(second, "in-the-way"), { recursive: true });
  const kept = createKeptWords(small);
  await expectAll(kept, textsTo(60));
  await expectAll(kept, textsTo(60));
  assert.ok((await stat(second)).isDirectory());
});

test("indexes that are in use at once over one memory find the same, and write the same blocks", async (t) => {
  const { store, blocks, expectAll } = await memory(t, 80);
  const [one, other] = [createKeptWords(small), createKeptWords(small)];
  await Promise.all([expectAll(one, textsTo(80)), expectAll(other, textsTo(80))]);
  await store.put(records(80, 120));
  await Promise.all([expectAll(one, textsTo(120)), expectAll(other, textsTo(120))]);
  for (const name of await blocks()) assert.ok((await stat(name)).size > 32_000);
});
