import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { truncate, rm } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { blockPath } from "../../../../src/memory/local/files.js";
import { blockRows } from "../../../../src/memory/local/vectors/block-file.js";
import { createCompressedRows } from "../../../../src/memory/local/vectors/compressed-rows.js";
import { nearestRecords } from "../../../../src/memory/local/vectors/nearest.js";
import { startScoringThread, type ScoringThread } from "../../../../src/memory/local/vectors/scoring-thread.js";
import { createSharedScoring } from "../../../../src/memory/local/vectors/shared-scoring.js";
import { repository } from "../../../support/program.js";
import { exactly, list, random, stored, type Records } from "./stored-vectors.js";

/** A real thread; which files it was given with each question is noted. */
function watchedThread(file?: string) {
  const given: number[][] = [];
  const questions = new EventEmitter();
  let thread: ScoringThread | null = null;
  const start = (): ScoringThread | null => {
    const started = (thread = startScoringThread({ file, processors: 2 }));
    if (started === null) return null;
    return {
      score(asked) {
        given.push(asked.files.map(({ block }) => block));
        const answering = started.score(asked);
        questions.emit("asked");
        return answering;
      },
      close: () => started.close(),
    };
  };
  return { start, given, questions, end: async () => thread?.close() };
}

/** Rows whose whole blocks are on disk, and of which another thread scores half. */
async function shared(t: TestContext, records: Records, program?: string) {
  const { folder, header, file, index } = await stored(t, records);
  const thread = watchedThread(program);
  const scoring = createSharedScoring({ start: thread.start, fewestBlocks: 2 });
  const rows = createCompressedRows({ shared: scoring });
  t.after(() => scoring.close());
  const rowsOf = (count: number) => ({ folder, header, count, sums: index.sums, generation: 1 });
  await createCompressedRows().upperBounds(rowsOf(index.nextRow), random(header.dimension));
  /** As well as scoring everything; `count`: so many records are there by then. */
  const agrees = async (count = records.length): Promise<void> => {
    const query = random(header.dimension);
    const bounds = await rows.upperBounds(rowsOf(count), query);
    const found = nearestRecords(file, { ...index, records: count, nextRow: count }, bounds, query)(10);
    assert.deepEqual(found, exactly(records.slice(0, count), query, 10));
  };
  const blockFile = (block: number): string => blockPath(folder, header.vectors, block);
  return { ...thread, folder, rows, rowsOf, scoring, agrees, blockFile };
}

const vectors = (count: number): Float32Array[][] => list(count, () => [random(24)]);

test("another thread scores half of the blocks, keeps them from the second recall on, and the answers stay exact", async (t) => {
  const { agrees, given } = await shared(t, vectors(5 * blockRows + 300));
  for (let time = 0; time < 4; time += 1) await agrees();
  assert.deepEqual(given, [[0, 1], [0, 1], [], []]);
});

test("blocks that are filled later are scored by the thread that asks", async (t) => {
  const { agrees, given } = await shared(t, vectors(7 * blockRows));
  for (const count of [4 * blockRows + 1, 4 * blockRows + 2, 5 * blockRows, 7 * blockRows - 1]) await agrees(count);
  assert.deepEqual(given, [[0, 1], [0, 1], [], []]);
});

test("of rows that are equal one is scored, whichever thread keeps them", async (t) => {
  const few = list(10, () => random(24));
  const records = list(4 * blockRows, (number) => [few[(number * number) % 10] as Float32Array]);
  const { agrees, scoring } = await shared(t, records);
  for (let time = 0; time < 3; time += 1) await agrees();
  assert.deepEqual(
    list(4, (block) => scoring.firstsOf(block) !== null),
    [true, true, false, false],
  );
});

test("what the other thread cannot read is made anew by the one that asks", async (t) => {
  const { agrees, given, blockFile } = await shared(t, vectors(6 * blockRows));
  await rm(blockFile(1));
  await agrees();
  await truncate(blockFile(2), 100);
  await agrees();
  await agrees();
  assert.deepEqual(given, [[0, 1, 2], [0, 2], []]);
});

test("another thread that ends, before it is asked or meanwhile, costs time and no answer", async (t) => {
  const before = await shared(t, vectors(4 * blockRows));
  before.scoring.prepare(before.folder);
  await before.end();
  await before.agrees();
  await before.agrees();
  const meanwhile = await shared(t, vectors(4 * blockRows));
  await meanwhile.agrees();
  const asked = once(meanwhile.questions, "asked");
  const answering = meanwhile.agrees();
  await asked;
  await meanwhile.end();
  await answering;
  await meanwhile.agrees();
});

test("another thread whose program is not there, or that Node does not start, costs no answer", async (t) => {
  for (const program of ["/nowhere/scoring-worker.js", "no path"]) {
    const { agrees } = await shared(t, vectors(4 * blockRows), program);
    await agrees();
    await agrees();
  }
});

test("the thread of the built program answers", async (t) => {
  const { agrees, given } = await shared(t, vectors(4 * blockRows), join(repository, "dist", "scoring-worker.cjs"));
  for (let time = 0; time < 3; time += 1) await agrees();
  assert.deepEqual(given, [[0, 1], [0, 1], []]);
});

test("a question that failed half-way has been answered before it fails, and leaves nothing behind", async (t) => {
  const { agrees, rows, rowsOf, given } = await shared(t, vectors(6 * blockRows + 10));
  await agrees();
  // The rows behind the whole blocks are read by the thread that asks: there are no more than ten.
  const failing = rowsOf(6 * blockRows + 20);
  await assert.rejects(rows.upperBounds({ ...failing, generation: 2 }, random(24)));
  const { ofBlocks } = await rows.upperBounds({ ...rowsOf(blockRows), generation: 3 }, random(24));
  const found = ofBlocks.slice(0, 3);
  for (let time = 0; time < 3; time += 1) await new Promise(setImmediate);
  assert.deepEqual(ofBlocks.slice(0, 3), found);
  for (let time = 0; time < 3; time += 1) await agrees();
  assert.deepEqual(given.length, 5);
});

test("other vectors under the same rows are read anew by both threads, and a closed one is not asked", async (t) => {
  const { agrees, scoring, rows, rowsOf, given } = await shared(t, vectors(4 * blockRows));
  await agrees();
  await rows.upperBounds({ ...rowsOf(4 * blockRows), generation: 2 }, random(24));
  await agrees();
  await agrees();
  assert.deepEqual(given, [
    [0, 1],
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
  await scoring.close();
  await agrees();
  assert.equal(given.length, 4);
});

test("the thread is started before it is asked where there are as many blocks, and never where there are fewer", async (t) => {
  const { folder, rowsOf, blockFile } = await shared(t, vectors(2 * blockRows));
  let started = 0;
  const start = (): null => {
    started += 1;
    return null;
  };
  const fewer = createSharedScoring({ start, fewestBlocks: 3 });
  fewer.prepare(folder);
  await createCompressedRows({ shared: fewer }).upperBounds(rowsOf(2 * blockRows), random(24));
  assert.equal(started, 0);
  createSharedScoring({ start, fewestBlocks: 2 }).prepare(folder);
  assert.equal(started, 1);
  await rm(blockFile(1));
  createSharedScoring({ start, fewestBlocks: 2 }).prepare(folder);
  assert.equal(started, 1);
});
