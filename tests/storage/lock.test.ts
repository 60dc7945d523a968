import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, readdir, rename, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { lockHolder, takeLock, startOfProcess, withLock } from "../../src/storage/lock.js";
import { long, repository, temporaryFolder } from "../support/program.js";
import { sourceLoader } from "../support/source-loader.js";

const deadPid = (): number => spawnSync(process.execPath, ["-e", "0"]).pid;

test("takes a lock once, says who has it, and gives it back", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "lock");
  assert.equal(lockHolder(file), null);
  const first = takeLock(file);
  assert.ok(first.taken);
  assert.deepEqual(takeLock(file), { taken: false, pid: process.pid });
  assert.equal(lockHolder(file), process.pid);
  first.release();
  first.release();
  assert.equal(lockHolder(file), null);
  assert.deepEqual(await readdir(folder), []);
  assert.ok(takeLock(file).taken);
});

test("says whether a lock is still ours, whatever became of its file since the last look", async (t) => {
  const file = join(await temporaryFolder(t), "lock");
  const lock = takeLock(file);
  assert.ok(lock.taken);
  const content = await readFile(file, "utf8");
  const other = content.replaceAll(/[0-9]/g, "0");
  const changes: [change: () => Promise<void>, isOurs: boolean][] = [
    [() => writeFile(file, other), false],
    [() => writeFile(file, content), true],
    [async () => (await writeFile(`${file}.other`, other), await rename(`${file}.other`, file)), false],
    [async () => (await writeFile(`${file}.own`, content), await rename(`${file}.own`, file)), true],
    [() => unlink(file), false],
    [() => writeFile(file, content), true],
  ];
  for (const pauseMs of [0, 100])
    for (const [change, isOurs] of changes) {
      // Behind a pause it is known by its facts alone.
      await delay(pauseMs);
      lock.isOurs();
      await change();
      assert.equal(lock.isOurs(), isOurs, `${change.toString()} after ${pauseMs} ms`);
      assert.equal(lock.isOurs(), isOurs);
    }
});

test("takes over the lock of a dead process", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "lock");
  await writeFile(file, JSON.stringify({ pid: deadPid(), started: null }));
  assert.equal(lockHolder(file), null);
  const lock = takeLock(file);
  assert.ok(lock.taken);
  assert.equal((JSON.parse(await readFile(file, "utf8")) as { pid: number }).pid, process.pid);
  assert.deepEqual(await readdir(folder), ["lock"]);
  lock.release();
});

test("a lock whose process number now belongs to another process is stale", async (t) => {
  if (startOfProcess(process.pid) === null) return t.skip("this system does not tell when a process started");
  const file = join(await temporaryFolder(t), "lock");
  await writeFile(file, JSON.stringify({ pid: process.pid, started: "another boot:1" }));
  assert.ok(takeLock(file).taken);
  assert.deepEqual(takeLock(file), { taken: false, pid: process.pid });
});

test("a lock without readable content is held while it is young, and stale later", async (t) => {
  const file = join(await temporaryFolder(t), "lock");
  await writeFile(file, "");
  assert.deepEqual(takeLock(file), { taken: false, pid: 0 });
  await utimes(file, new Date(0), new Date(0));
  assert.ok(takeLock(file).taken);
});

test("a lock that cannot be removed does not fail what it was taken for", async (t) => {
  const folder = join(await temporaryFolder(t), "gone");
  await mkdir(folder);
  const file = join(folder, "lock");
  assert.equal(await withLock(file, async () => (await rename(folder, `${folder}-away`), "done")), "done");
});

test("a lock that cannot be removed and still be written is stale for its own process", async (t) => {
  if (startOfProcess(process.pid) === null) return t.skip("this system does not tell when a process started");
  const file = join(await temporaryFolder(t), "lock");
  const lock = takeLock(file);
  assert.ok(lock.taken);
  await writeFile(file, JSON.stringify({ pid: process.pid, started: "released" }));
  assert.equal(lockHolder(file), null);
  assert.ok(takeLock(file).taken);
});

test("a lock that cannot be written is the system's error", () => {
  assert.throws(() => takeLock("/no/such/folder/lock"), { code: "ENOENT" });
});

/** Waits for the word, then tries for the lock of a dead process again and again, saying what came of it. */
const taker = `
import { takeLock } from ${JSON.stringify(join(repository, "src/storage/lock.ts"))};
import { writeFileSync, unlinkSync } from "node:fs";
process.on("message", ({ file, inside }) => {
  const lock = takeLock(file);
  if (!lock.taken) return process.send("held");
  let alone = true;
  try {
    writeFileSync(inside, "", { flag: "wx" });
  } catch {
    alone = false;
  }
  process.send(alone ? "taken" : "two");
});
process.send("ready");
`;

async function startTaker(script: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--import", sourceLoader, script], {
    cwd: repository,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await once(child, "message");
  return child;
}

test("of several takers of a dead process's lock one gets it, every time", async (t) => {
  const rounds = long ? 1000 : 100;
  const folder = await temporaryFolder(t);
  const script = join(folder, "taker.mjs");
  await writeFile(script, taker);
  const takers = await Promise.all([1, 2, 3, 4].map(() => startTaker(script)));
  const dead = deadPid();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const file = join(folder, `lock-${round}`);
      await writeFile(file, JSON.stringify({ pid: dead, started: null }));
      const answers = takers.map(async (child) => ((await once(child, "message")) as [string])[0]);
      for (const child of takers) child.send({ file, inside: `${file}-inside` });
      assert.deepEqual((await Promise.all(answers)).sort(), ["held", "held", "held", "taken"]);
    }
  } finally {
    for (const child of takers) child.kill();
    await Promise.all(takers.map((child) => once(child, "exit")));
  }
  t.diagnostic(`${rounds} rounds of 4 takers`);
});

test("work under a lock waits its turn, also in one process, and frees the lock when it fails", async (t) => {
  const file = join(await temporaryFolder(t), "lock");
  let inside = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    assert.equal(inside, 1);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 10 }, () => withLock(file, work)));
  await assert.rejects(
    withLock(file, () => Promise.reject(new Error("failed"))),
    /failed/,
  );
  assert.equal(lockHolder(file), null);
});
