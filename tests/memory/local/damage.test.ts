import assert from "node:assert/strict";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openLocalMemory } from "../../../src/memory/local/index.js";
import { blockRows } from "../../../src/memory/local/vectors/block-file.js";
import { keepWholeBlocks } from "../../../src/memory/local/vectors/blocks.js";
import { createCompressedRows } from "../../../src/memory/local/vectors/compressed-rows.js";
import { blockPath, vectorsPath } from "../../../src/memory/local/files.js";
import { sumsOf, writeVectors } from "../../../src/memory/local/vectors/vectors-file.js";
import { memoryFolder } from "../../../src/memory/memory-folder.js";
import type { OpenedMemory } from "../../../src/memory/memory.js";
import { unitVector } from "../../../src/memory/vectors/cosine.js";
import { long, temporaryFolder } from "../../support/program.js";
import { source } from "../contract.js";
import { onlyEmbedding } from "../embedding/only-embedding.js";
import { wordsEmbedding } from "../embedding/words-embedding.js";

const call = { step: 1, signal: new AbortController().signal };
const texts = ["red house", "blue boat", "grünes Haus 中文"];

const open = (directory: string, warn: (message: string) => void): Promise<OpenedMemory> =>
  openLocalMemory({
    ...{ directory, index: "auto-gpt", aiName: "Ada", warn },
    chooseEmbedding: onlyEmbedding("words", wordsEmbedding().embed),
  });

const folderOf = (directory: string): string => memoryFolder(directory, "auto-gpt", "Ada");

async function filled(directory: string): Promise<void> {
  const memory = await open(directory, assert.fail);
  for (const [step, text] of texts.entries()) await memory.add(text, source(step), call);
}

const recalled = async (memory: OpenedMemory): Promise<string[]> =>
  (await memory.recall("red house", { count: 10 }, call)).map(({ text }) => text).sort();

test("any one bit that was changed in a memory's files is said, a copy is kept, and what was not hit is recalled", async (t) => {
  const whole = await temporaryFolder(t);
  await filled(whole);
  const names = (await readdir(folderOf(whole))).filter((name) => /jsonl$|f32$/.test(name));
  assert.equal(names.length, 2);
  let tried = 0;
  for (const name of names) {
    const bytes = await readFile(join(folderOf(whole), name));
    // 151 has no divisor in common with 8, so every place of a bit in its byte comes up.
    const step = long ? 1 : 401;
    for (let bit = 0; bit < bytes.length * 8; bit += step, tried += 1) {
      const directory = join(whole, "damaged", String(tried));
      await cp(folderOf(whole), folderOf(directory), { recursive: true });
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await writeFile(join(folderOf(directory), name), flipped);
      const warnings: string[] = [];
      const where = `${name}, bit ${bit & 7} of byte ${bit >> 3}`;
      const memory = await open(directory, (message) => warnings.push(message));
      const left = await recalled(memory);
      assert.match(warnings.join(), /is damaged in line \d.*was kept as/, where);
      assert.ok(
        left.every((text) => texts.includes(text)),
        where,
      );
      assert.ok(left.length === 2 || name.endsWith("jsonl"), where);
    }
  }
  t.diagnostic(`${tried} bits`);
});

test("the copy of a damaged memory brings the records back whose vectors were hit", async (t) => {
  const directory = await temporaryFolder(t);
  await filled(directory);
  const vectors = (await readdir(folderOf(directory))).find((name) => name.endsWith("f32")) ?? "";
  const bytes = await readFile(join(folderOf(directory), vectors));
  await writeFile(join(folderOf(directory), vectors), bytes.fill(1, 0, 1));
  const memory = await open(directory, () => undefined);
  assert.deepEqual(await recalled(memory), texts.slice(1).sort());
  const copy = (await readdir(folderOf(directory))).find((name) => name.includes(".corrupt-")) ?? "";
  const lines = (await readFile(join(folderOf(directory), copy), "utf8")).split("\n").slice(1, -1);
  const records = async function* () {
    for (const line of lines) yield JSON.parse(line) as never;
  };
  assert.deepEqual(await memory.import(records(), call), { added: 1, skipped: 2 });
  assert.deepEqual(await recalled(memory), [...texts].sort());
});

test("a block of compressed vectors that was changed is made anew", async (t) => {
  const folder = await temporaryFolder(t);
  const header = { format: 2, id: "a", vectors: "v", embeddingModel: "m", dimension: 2 } as const;
  // Some of them are equal, which a block notes behind its rows.
  const vectors = Array.from({ length: blockRows }, (_, row) => unitVector(Float32Array.of((row % 1000) + 1, 3)));
  writeVectors({ path: vectorsPath(folder, "v"), dimension: 2 }, 0, vectors);
  const sums = Uint32Array.from(vectors, (vector) => Number.parseInt(sumsOf([vector]), 16));
  const stored = { folder, header, count: blockRows, sums };
  await keepWholeBlocks(stored, 0);
  const ask = async () => {
    const { ofRows } = await createCompressedRows().upperBounds(stored, Float32Array.of(1, 0));
    return ofRows.slice(0, blockRows);
  };
  const right = await ask();
  const kept = await readFile(blockPath(folder, "v", 0));
  for (const at of [0, 5, 9, 12, 20, 40, 48, 55, 77, 5000, kept.length - 2060, kept.length - 1]) {
    const flipped = Buffer.from(kept);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    await writeFile(blockPath(folder, "v", 0), flipped);
    assert.deepEqual(await ask(), right);
    assert.deepEqual(await readFile(blockPath(folder, "v", 0)), kept);
  }
});
