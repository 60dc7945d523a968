import assert from "node:assert/strict";
import { readdir, utimes } from "node:fs/promises";
import { test } from "node:test";
import { openSnapshotLog, packsDirectory, readSnapshotLog, snapshotFile } from "../../src/snapshots/log.js";
import { hashOf, openObjects } from "../../src/snapshots/objects.js";
import { forgetRuns, pruneSnapshots } from "../../src/snapshots/prune.js";
import { temporaryFolder } from "../support/program.js";

const dayMs = 24 * 60 * 60 * 1000;

/** A run that changed a file from one content to another, so many days ago. */
async function keep(home: string, run: string, texts: [before: string, after: string], days: number): Promise<void> {
  const objects = await openObjects(packsDirectory(home), run);
  const [before, after] = texts.map((text) => {
    const bytes = Buffer.from(text);
    return { kind: "file", mode: 0o644, size: bytes.length, hash: objects.put(bytes) } as const;
  });
  await objects.sync();
  objects.close();
  const log = openSnapshotLog(home, run, 0);
  log.append({ type: "after", step: 1, changes: [{ path: "a", before: before ?? null, after: after ?? null }] });
  log.close();
  const time = new Date(Date.now() - days * dayMs);
  await utimes(snapshotFile(home, run), time, time);
}

const runsLeft = async (home: string): Promise<boolean[]> =>
  Promise.all(["old", "middle", "new"].map(async (run) => (await readSnapshotLog(home, run)).lines.length > 0));
const noneLive = { isLive: (): boolean => false, isGone: (): boolean => false };

/** Which of these texts are kept. */
async function keptOf(home: string, texts: readonly string[]): Promise<string[]> {
  const objects = await openObjects(packsDirectory(home), "reader");
  return texts.filter((text) => objects.has(hashOf(Buffer.from(text))));
}

test("contents are kept once, found by their hash in every pack, and a damaged one is named", async (t) => {
  const home = await temporaryFolder(t);
  await keep(home, "old", ["one", "two"], 3);
  await keep(home, "new", ["two", "three"], 0);
  const objects = await openObjects(packsDirectory(home), "reader");
  for (const text of ["one", "two", "three"])
    assert.equal((await objects.get(hashOf(Buffer.from(text)))).toString(), text);
  await assert.rejects(objects.get(hashOf(Buffer.from("four"))), /is not kept any more/);
  const lists = (await readdir(packsDirectory(home))).filter((name) => name.endsWith(".pack"));
  assert.equal(lists.length, 2, "a reader makes no pack");
});

test("what is older than the days, or beyond the room, goes; contents that another run needs stay", async (t) => {
  const home = await temporaryFolder(t);
  await keep(home, "old", ["one", "two"], 40);
  await keep(home, "middle", ["two", "three"], 3);
  await keep(home, "new", ["three", "x".repeat(10_000)], 0);

  await pruneSnapshots(home, { days: 30, bytes: 1e9 }, { ...noneLive, isLive: () => true });
  assert.deepEqual(await runsLeft(home), [true, true, true], "nothing goes beside a run that is going on");
  await pruneSnapshots(home, { days: 30, bytes: 1e9 }, noneLive);
  assert.deepEqual(await runsLeft(home), [false, true, true]);
  const objects = await openObjects(packsDirectory(home), "reader");
  assert.equal((await objects.get(hashOf(Buffer.from("two")))).toString(), "two");

  await pruneSnapshots(home, { days: 30, bytes: 1_000 }, noneLive, Date.now() + 2 * dayMs);
  assert.deepEqual(await runsLeft(home), [false, false, false]);
  assert.deepEqual(await readdir(packsDirectory(home)), []);
});

test("of runs that are removed everything goes that no other run needs, wherever it lies, and at once", async (t) => {
  const home = await temporaryFolder(t);
  // "two" and "three" were written by the first run that had them.
  await keep(home, "old", ["one", "two"], 1);
  await keep(home, "middle", ["two", "three"], 0);
  await keep(home, "new", ["three", "four"], 0);
  await forgetRuns(home, ["old"]);
  assert.deepEqual(await keptOf(home, ["one", "two", "three", "four"]), ["two", "three", "four"]);
  const objects = await openObjects(packsDirectory(home), "reader");
  assert.equal((await objects.get(hashOf(Buffer.from("two")))).toString(), "two");
  // Their folders were removed by hand: what is kept of them goes when a run begins.
  await pruneSnapshots(home, { days: 30, bytes: 1e9 }, { ...noneLive, isGone: (run) => run !== "old" });
  assert.deepEqual(await readdir(packsDirectory(home)), []);
});
