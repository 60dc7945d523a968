// One phase of `npm run bench -- memory-growth`, in a process of its own: `fill` a memory, or `ask` it. Prints its figures as JSON.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { openLocalStore } from "../../src/memory/local/store.js";
import type { StoredRecord } from "../../src/memory/memory.js";
import { median } from "./measure.js";
import { peakKilobytes } from "./peak.js";
import { dimension, filler, randomVector } from "./vectors.js";

const [phase, folder, rows] = process.argv.slice(2) as [string, string, string];
const store = openLocalStore(folder, (message) => console.error(message));

const recordOf = (number: number): StoredRecord => ({
  ...{
    id: `record-${number}`,
    text: `record ${number} ${filler}`,
    source: { run: "bench", step: number, kind: "step" },
  },
  ...{ time: new Date(0).toISOString(), embeddingModel: "bench", dimension, vectors: [randomVector(number)] },
});
const recordsOf = (from: number, to: number): StoredRecord[] =>
  Array.from({ length: to - from }, (_, place) => recordOf(from + place));

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Adds `count` records a thousand at a time, and then 50 one by one: how long adding took, without making the vectors. */
async function fill(count: number): Promise<object> {
  let together = 0;
  for (let from = 0; from < count; from += 1000) {
    const records = recordsOf(from, Math.min(from + 1000, count));
    together += await timed(() => store.put(records));
  }
  const singles: number[] = [];
  for (let number = count; number < count + 50; number += 1) {
    const record = recordOf(number);
    singles.push(await timed(() => store.put([record])));
  }
  return { together, single: median(singles) };
}

/** The first recall of a start, opening included, and later ones; the most memory that this process had, and which records it found. */
async function ask(queriesFile: string): Promise<object> {
  const bytes = readFileSync(queriesFile);
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / Float32Array.BYTES_PER_ELEMENT);
  const queries = Array.from({ length: all.length / dimension }, (_, place) =>
    all.slice(place * dimension, (place + 1) * dimension),
  );
  const [times, found]: [number[], number[][]] = [[], []];
  const before = peakKilobytes();
  for (const vector of queries) {
    times.push(
      await timed(async () => {
        const recalled = await store.nearest({ vector }, 10);
        found.push(recalled.map(({ id }) => Number(id.slice("record-".length))));
      }),
    );
  }
  const [first, ...later] = times;
  return { first, later, found, before, peak: peakKilobytes() };
}

console.log(JSON.stringify(phase === "fill" ? await fill(Number(rows)) : await ask(join(folder, "queries.f32"))));
