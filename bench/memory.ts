import { readFileSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { onlyEmbedding } from "../tests/memory/embedding/only-embedding.js";
import { openLocalMemory } from "../src/memory/local/index.js";
import { memoryFolder } from "../src/memory/memory-folder.js";
import type { Memory } from "../src/memory/memory.js";
import { median, report, withFolder } from "./support/measure.js";
import { numpySearches } from "./support/numpy.js";
import { dimension, filler, near, randomVector, realVectors, type Rows } from "./support/vectors.js";

const queries = 50;
const call = { step: 1, signal: new AbortController().signal };

/** Search, adding and loading of the local memory, against numpy and against reading the file of vectors. */
export async function benchMemory(): Promise<void> {
  const real = realVectors();
  if (real.length === 0) console.log("../shared/data/embeddings.jsonl.gz is not there: real texts were not searched");
  else await benchSearch("640 real texts", real.length, (number) => real[number] as Float32Array, null);
  await benchSearch("10,000 random rows", 10_000, randomVector, null);
  await benchSearch("100,000 random rows", 100_000, randomVector, 2);
}

async function benchSearch(name: string, count: number, rows: Rows, atLeast: number | null): Promise<void> {
  await withFolder(async (folder) => {
    const asked = Array.from({ length: queries }, (_, number) => near(rows, (number * 7919) % count));
    await writeFile(join(folder, "queries.f32"), Buffer.concat(asked.map(({ buffer }) => Buffer.from(buffer))));
    const memory = await open(folder, rows, asked);
    await fill(memory, count);
    const file = await vectorsFile(folder);
    await benchAgainstNumpy(name, memory, folder, file, atLeast);
    if (count < 50_000) return;
    await benchLoad(folder, file, rows, asked);
    await benchAdd(memory, folder, rows);
  });
}

const open = (directory: string, rows: Rows, asked: readonly Float32Array[]): Promise<Memory> =>
  openLocalMemory({
    directory,
    index: "bench",
    aiName: "Bench",
    warn: (message) => console.log(message),
    chooseEmbedding: onlyEmbedding("bench", async (texts) =>
      texts.map((text) => {
        const [kind, number] = text.split(" ");
        return kind === "query" ? (asked[Number(number)] as Float32Array) : rows(Number(number));
      }),
    ),
  });

const source = { run: "bench", step: 1, kind: "step" } as const;
const batch = 1000;

async function fill(memory: Memory, count: number): Promise<void> {
  for (let from = 0; from < count; from += batch)
    await memory.addMany(texts(from, Math.min(from + batch, count)), call);
}

/** Single adds to a memory of 100,000 rows and to one of 100, in turns, each of them on disk before the next. */
async function benchAdd(large: Memory, folder: string, rows: Rows): Promise<void> {
  const small = await open(join(folder, "small"), rows, []);
  await fill(small, 100);
  const times = { small: [] as number[], large: [] as number[] };
  for (let number = 0; number < 200; number += 1) {
    times.small.push(await timedAdd(small, number));
    times.large.push(await timedAdd(large, number));
  }
  const [late, early] = [median(times.large), median(times.small)];
  report("one add at 100,000 rows ÷ one at 100", late / early, 1.2, ms(late, early));
}

async function timedAdd(memory: Memory, number: number): Promise<number> {
  const start = performance.now();
  await memory.add(`record ${number} ${filler}`, source, call);
  return performance.now() - start;
}

const texts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, place) => ({ text: `record ${from + place} ${filler}`, source }));

async function vectorsFile(directory: string): Promise<string> {
  const folder = memoryFolder(directory, "bench", "Bench");
  const name = (await readdir(folder)).find((each) => each.endsWith(".f32"));
  return join(folder, name ?? "");
}

async function benchLoad(folder: string, file: string, rows: Rows, asked: readonly Float32Array[]): Promise<void> {
  const [loads, reads]: number[][] = [[], []];
  for (let round = 0; round < 5; round += 1) {
    let start = performance.now();
    readFileSync(file);
    reads?.push(performance.now() - start);
    start = performance.now();
    await (await open(folder, rows, asked)).recall("query 0 ", { count: 10 }, call);
    loads?.push(performance.now() - start);
  }
  const [load, read] = [median(loads ?? []), median(reads ?? [])];
  report(
    "load of 100,000 rows, to the first recall ÷ reading the file of vectors into memory",
    load / read,
    1.5,
    ms(load, read),
  );
}

const ms = (ours: number, theirs: number): string => `${ours.toFixed(1)} ms : ${theirs.toFixed(1)} ms`;

async function benchAgainstNumpy(
  name: string,
  memory: Memory,
  folder: string,
  file: string,
  atLeast: number | null,
): Promise<void> {
  const ours = [await search(memory), await search(memory)];
  const numpies = numpySearches(file, join(folder, "queries.f32"));
  if (numpies.length === 0) console.log("numpy is not there (Debian: apt-get install python3-numpy): not compared");
  ours.push(await search(memory));
  const time = median(ours.flatMap(({ times }) => times));
  console.log(`${name}: top 10 of ${dimension} numbers in ${time.toFixed(2)} ms`);
  for (const { version, times, found } of numpies) {
    const same = found.filter((ids, query) => ours.every((each) => String(each.found[query]) === String(ids))).length;
    const [theirs, share] = [median(times), time / median(times)];
    report(
      `${name}: ours ÷ numpy ${version}`,
      share,
      atLeast && 1 / atLeast,
      `${ms(time, theirs)}; same ids: ${same} of ${queries}`,
    );
  }
}

async function search(memory: Memory): Promise<{ times: number[]; found: number[][] }> {
  const [times, found]: [number[], number[][]] = [[], []];
  for (let number = 0; number < queries; number += 1) {
    const start = performance.now();
    const recalled = await memory.recall(`query ${number} `, { count: 10 }, call);
    times.push(performance.now() - start);
    found.push(recalled.map(({ text }) => Number(text.split(" ")[1])));
  }
  return { times, found };
}
