import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { after, test } from "node:test";
import { build } from "esbuild";
import { unitVector } from "../../../src/memory/vectors/cosine.js";
import { onlyEmbedding } from "../embedding/only-embedding.js";
import { openLocalMemory } from "../../../src/memory/local/index.js";
import type { OpenedMemory, StoredRecord } from "../../../src/memory/memory.js";
import { long, repository, temporaryFolder } from "../../support/program.js";
import { wordsVector } from "../embedding/words-embedding.js";

/** One file, so that a writer starts at once. */
const script = join(await temporaryFolder({ after }), "writer.mjs");
await build({
  entryPoints: [join(repository, "tests", "memory", "local", "memory-writer.ts")],
  outfile: script,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20.18",
});

type Writer = {
  who: string;
  child: ChildProcess;
  /** The steps it was told are remembered. */
  acknowledged: number[];
  /** Resolves when that many more were acknowledged. */
  more(count: number): Promise<void>;
  ended: Promise<unknown>;
};

function startWriter(directory: string, who: string, count: string, nodeArguments: string[] = []): Writer {
  const child = spawn(process.execPath, [...nodeArguments, script, directory, who, count], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const acknowledged: number[] = [];
  let [rest, heard] = ["", (): void => undefined];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    acknowledged.push(...lines.map(Number));
    heard();
  });
  const ended = once(child, "close");
  return {
    who,
    child,
    acknowledged,
    ended,
    async more(wanted) {
      const until = acknowledged.length + wanted;
      while (acknowledged.length < until) {
        assert.equal(child.exitCode, null, `${who} ended`);
        await Promise.race([new Promise<void>((resolve) => (heard = resolve)), ended]);
      }
    },
  };
}

const open = (directory: string): Promise<OpenedMemory> =>
  openLocalMemory({
    directory,
    index: "auto-gpt",
    aiName: "Ada",
    chooseEmbedding: onlyEmbedding("words", async (texts) => texts.map(wordsVector)),
    warn: (message) => assert.fail(`no warning was expected: ${message}`),
  });

/** The steps of each writer that are in the memory; fails on any record that is not whole. */
async function wholeRecords(directory: string, sumsSeen = new Map<string, string>()): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  for await (const record of (await open(directory)).entries()) {
    const sum = sumOf(record);
    // What was found whole before only has to be the same still.
    if (sumsSeen.get(record.id) !== sum) assertWhole(record);
    sumsSeen.set(record.id, sum);
    const { run, step } = record.source;
    found.set(run, [...(found.get(run) ?? []), step]);
  }
  return found;
}

function sumOf({ text, source, time, vectors }: StoredRecord): string {
  const hash = createHash("sha256").update(JSON.stringify({ text, source, time }));
  for (const vector of vectors) hash.update(vector);
  return hash.digest("base64");
}

function assertWhole({ text, source: { run, step }, vectors }: StoredRecord): void {
  assert.equal(text, `${run} ${step} ${"long text ".repeat((step % 50) * 8)}`);
  const [vector, ...others] = vectors;
  // Longer texts are several pieces; the short ones have the vector of all of it.
  if (text.length < 2000) assert.deepEqual({ vector, others }, { vector: unitVector(wordsVector(text)), others: [] });
}

/** Does the work while these writers stand still: a longer look would find more to look at each time. */
async function paused<Result>(writers: readonly Writer[], work: () => Promise<Result>): Promise<Result> {
  for (const { child } of writers) child.kill("SIGSTOP");
  try {
    return await work();
  } finally {
    for (const { child } of writers) child.kill("SIGCONT");
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, step) => step);

test("four processes add to one memory, and nothing is lost or mixed", async (t) => {
  const count = long ? 500 : 50;
  const directory = await temporaryFolder(t);
  const writers = ["a", "b", "c", "d"].map((who) => startWriter(directory, who, String(count)));
  for (const { ended } of writers) assert.deepEqual(await ended, [0, null]);
  const found = await wholeRecords(directory);
  for (const { who } of writers) assert.deepEqual(found.get(who), upTo(count));
  assert.equal((await (await open(directory)).stats()).records, 4 * count);
  t.diagnostic(`4 processes, ${count} records each`);
});

test("whenever one of four adding processes is killed, all that was acknowledged is there and nothing is torn", async (t) => {
  const kills = long ? 200 : 4;
  const directory = await temporaryFolder(t);
  let started = 0;
  const start = (): Writer => startWriter(directory, `writer ${(started += 1)}`, "Infinity");
  const writers = [start(), start(), start(), start()];
  const dead: Writer[] = [];
  const sumsSeen = new Map<string, string>();
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      const place = Math.floor(Math.random() * writers.length);
      const writer = writers[place] as Writer;
      await writer.more(1 + Math.floor(Math.random() * 8));
      // Not only at the moment of an acknowledgement: anywhere in the next ones.
      const spin = performance.now() + Math.random() * 6;
      while (performance.now() < spin);
      writer.child.kill("SIGKILL");
      await writer.ended;
      dead.push(writer);
      writers[place] = start();

      const acknowledged = [...dead, ...writers].map(({ who, acknowledged: steps }) => ({ who, count: steps.length }));
      const found = await paused(kill % 8 === 0 ? [] : writers, () => wholeRecords(directory, sumsSeen));
      for (const { who, count } of acknowledged) {
        const steps = found.get(who) ?? [];
        assert.deepEqual(steps, upTo(steps.length), `${who} has no gap and nothing twice`);
        assert.ok(steps.length >= count, `${who}: ${count} acknowledged, ${steps.length} there`);
      }
    }
  } finally {
    for (const { child } of writers) child.kill("SIGKILL");
    for (const { ended } of writers) await ended;
  }
  const all = [...(await wholeRecords(directory)).values()].flat().length;
  t.diagnostic(`${kills} kills, ${all} records`);
});

test("without WebAssembly the plain loop remembers and recalls the same", async (t) => {
  const directory = await temporaryFolder(t);
  const writer = startWriter(directory, "a", "12", ["--jitless"]);
  assert.deepEqual(await writer.ended, [0, null]);
  assert.deepEqual((await wholeRecords(directory)).get("a"), upTo(12));
});
