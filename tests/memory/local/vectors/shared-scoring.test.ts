import assert from "node:assert/strict";
import { truncate, rm } from "node:fs/promises";
import { test, type TestContext } from "node:test";
import { blockPath } from "../../../../src/memory/local/files.js";
import { blockRows } from "../../../../src/memory/local/vectors/block-file.js";
import { createCompressedRows } from "../../../../src/memory/local/vectors/compressed-rows.js";
import { nearestRecords } from "../../../../src/memory/local/vectors/nearest.js";
import { startScoringThread, type ScoringThread } from "../../../../src/memory/local/vectors/scoring-thread.js";
import { createSharedScoring } from "../../../../src/memory/local/vectors/shared-scoring.js";
import { exactly, list, random, stored, type Records } from "./stored-vectors.js";

/** A real thread; which files it was given with each question is noted. */
function watchedThread(file?: string) {
  const given: number[][] = [];
  let thread: ScoringThread | null = null;
  const start = (): ScoringThread | null => {
    const started = (thread = startScoringThread(file));
    if (started === null) return null;
    return {
      score(asked) {
        given.push(asked.files.map(({ block }) => block));
        return started.score(asked);
      },
      close: () => started.close(),
    };
  };
  return { start, given, end: async () => thread?.close() };
}

/** Rows whose whole blocks are on disk, and of which another thread scores half. */
async function shared(t: TestContext, records: Records, program?: string) {
  const { folder, header, file, index } = await stored(t, records);
  const thread = watchedThread(program);
  const scoring = createSharedScoring({ start: thread.start, fewestBlocks: 2 });
  const rows = createCompressedRows({ shared: scoring });
  t.after(() => rows.close());
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
  return { ...thread, rows, rowsOf, scoring, agrees, blockFile };
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
  before.scoring.prepare(Infinity);
  await before.end();
  await before.agrees();
  await before.agrees();
  const meanwhile = await shared(t, vectors(4 * blockRows));
  await meanwhile.agrees();
  const answering = meanwhile.agrees();
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

test("a question that was given up does not answer the next one", async (t) => {
  const { agrees, rows, rowsOf } = await shared(t, vectors(4 * blockRows + 10));
  // The rows behind the whole blocks are read by the thread that asks: there are no more than ten.
  await assert.rejects(rows.upperBounds(rowsOf(4 * blockRows + 20), random(24)));
  for (let time = 0; time < 3; time += 1) await agrees();
});

test("other vectors under the same rows are read anew by both threads, and a closed one is not asked", async (t) => {
  const { agrees, rows, rowsOf, given } = await shared(t, vectors(4 * blockRows));
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
  await rows.close();
  await agrees();
  assert.equal(given.length, 4);
});

test("few blocks, and few bytes of records, start no thread", async (t) => {
  const scoring = createSharedScoring({ start: () => assert.fail("a thread was started") });
  scoring.prepare(1 << 20);
  const records = vectors(2 * blockRows);
  const { folder, header, index } = await stored(t, records);
  const rows = createCompressedRows({ shared: scoring });
  await rows.upperBounds({ folder, header, count: index.nextRow, sums: index.sums }, random(24));
});
