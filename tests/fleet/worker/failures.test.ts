import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { scanFolder, UnreadableError } from "../../../src/fleet/folder/scan.js";
import { openStore } from "../../../src/fleet/store/open-store.js";
import type { RunStore } from "../../../src/fleet/store/run-store.js";
import { submitRun } from "../../../src/fleet/submit/submit-run.js";
import { carryJob, type Job } from "../../../src/fleet/worker/carry-job.js";
import { carryRun, type CarryOptions } from "../../../src/fleet/worker/carry-run.js";
import { runInProcess } from "../../support/in-process.js";
import { bin, temporaryFolder } from "../../support/program.js";
import { reply, startFakeOpenAi } from "../../support/services/fake-open-ai.js";
import { startRedis } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";

const file = wholeFile();
const server = await startRedis(file);
const url = server === null ? "" : `redis://127.0.0.1:${server.port}`;
const order = { settings: "ai_name: A\n", begin: ["-c"], resume: ["-c"], after: [], priority: 100, tags: [] };

/** A store, and what carries a run out from it. */
async function worker(t: TestContext, more: Partial<CarryOptions> = {}) {
  const folder = await temporaryFolder(t);
  const store = await openStore(url);
  t.after(() => store.close());
  const options = (run: string): CarryOptions => ({
    ...{ store, run, holder: "worker", folder: join(folder, "runs"), program: bin, cwd: folder },
    ...{ environment: { PATH: process.env["PATH"], HOME: folder }, leaseMs: 60_000 },
    ...{ signal: new AbortController().signal, ...more },
  });
  return { folder, store, options };
}

const submitted = (store: RunStore, workspace: string | null = null): Promise<string> =>
  submitRun(store, { order, workspace, about: {} }, () => Promise.resolve());

/** What a job comes to, in a word and a number or a sentence. */
async function outcomeOf(work: (job: Job) => Promise<object>): Promise<unknown> {
  const put: unknown[] = [];
  const end = (what: unknown): never => {
    put.push(what);
    throw Object.assign(new Error("of the queue"), { name: "DelayedError" });
  };
  const job: Job = {
    begin: () => Promise.resolve(),
    putOff: (ms) => Promise.resolve().then(() => end(ms)),
    fail: (why) => end(why),
  };
  return work(job).catch(() => put[0]);
}

if (server === null) test("a fleet whose store fails", { skip: file.problem });
else {
  test("a submit that is cut off leaves no run behind, and nobody takes one that is being put in", async (t) => {
    const { store, options } = await worker(t);
    let enqueued = "";
    const never = (submitMs: number): void => {
      const enqueue = (run: string): Promise<void> => {
        enqueued = run;
        return new Promise(() => undefined);
      };
      void submitRun(store, { order, workspace: null, about: {} }, enqueue, { submitMs });
    };
    never(60_000);
    while (enqueued === "") await new Promise(setImmediate);
    const carry = (job: Job) => carryJob(options(enqueued), () => undefined, job);
    assert.equal(await outcomeOf(carry), 250);
    enqueued = "";
    never(1);
    while (enqueued === "") await new Promise(setImmediate);
    let outcome: unknown = 250;
    while (outcome === 250) outcome = await outcomeOf(carry);
    assert.match(String(outcome), /was never put in completely: its submit was cut off/);
    assert.equal(await store.look(enqueued), null);
  });

  test("a run of which the store has lost a part ends and says so", async (t) => {
    const { folder, store, options } = await worker(t);
    await mkdir(join(folder, "given"));
    await writeFile(join(folder, "given", "data.txt"), "lost");
    const run = await submitted(store, join(folder, "given"));
    const entry = (await store.read(run))?.files.get("workspace/data.txt");
    assert.ok(entry?.kind === "file");
    await server.command("HDEL", `autogpt:fleet:{${run}}:contents`, entry.parts[0]?.hash ?? "");
    const carried = await carryRun(options(run));
    assert.deepEqual(carried.kind === "done" && carried.end, { kind: "ended", exitCode: 1 });
    const status = (await store.look(run))?.status;
    assert.deepEqual([status?.state, status?.exitCode, status?.reason], ["ended", 1, "fault"]);
    assert.match(status?.message ?? "", /The store has lost a part of .*data\.txt/);
  });

  test("a run that was parked since its server failed, and whose process cannot go on now, has ended", async (t) => {
    const { store, options } = await worker(t);
    const run = await submitted(store);
    const before = (await store.look(run))?.status;
    assert.ok(before);
    await store.setStatus(run, { ...before, state: "parked", exitCode: 7, failure: "server-fault" });
    const carried = await carryRun(options(run));
    assert.deepEqual(carried.kind === "done" && [carried.end, carried.status.failure], [
      { kind: "ended", exitCode: 2 },
      undefined,
    ]);
  });

  test("a worker says of a run that another one still has nothing, and looks again later", async (t) => {
    const { store, options } = await worker(t);
    const run = await submitted(store);
    await store.acquire(run, "another worker", 60_000);
    const said: string[] = [];
    assert.equal(await outcomeOf((job) => carryJob(options(run), (text) => void said.push(text), job)), 5_000);
    assert.deepEqual(said, []);
  });

  test("a run whose store loses all its data ends its process, and is not there any more", async (t) => {
    let release: (text: string) => void = () => undefined;
    t.after(() => release(""));
    const model = await startFakeOpenAi({ chat: () => new Promise((resolve) => (release = resolve)) });
    t.after(() => model.close());
    const { store, options, folder } = await worker(t);
    const env = { OPENAI_API_BASE_URL: model.url, OPENAI_API_KEY: "sk-lost", MEMORY_BACKEND: "no_memory" };
    const settings = "ai_name: A\nai_role: an AI\nai_goals: [Write]\n";
    const run = await submitRun(
      store,
      { order: { ...order, settings, begin: ["-c", "--max-tokens=1m"] }, workspace: null, about: {} },
      () => Promise.resolve(),
    );
    const environment = { PATH: process.env["PATH"], HOME: folder, ...env };
    const carrying = carryRun({ ...options(run), environment, leaseMs: 20_000 });
    await Promise.race([model.arrived(1), carrying.then((end) => assert.fail(JSON.stringify(end)))]);
    await server.command("FLUSHALL");
    release(reply("write_to_file", { file: "a.txt", text: "a" }));
    assert.deepEqual(await carrying, { kind: "lost" });
    assert.match(
      String(await outcomeOf((job) => carryJob(options(run), () => undefined, job))),
      /is not in the store any more/,
    );
  });

  test("submit at a Redis that is full says so, leaves nothing, and touches nothing of others", async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, "ai_settings.yaml"), "ai_name: A\nai_role: an AI\nai_goals: [Write]\n");
    const type = (...args: string[]) => runInProcess({ cwd: folder, args, env: { QUEUE_URL: url } });
    await server.command("FLUSHALL");
    await server.command("SET", "somebody", "else");
    await server.command("CONFIG", "SET", "maxmemory", "1");
    const full = await type("submit", "-c");
    await server.command("CONFIG", "SET", "maxmemory", "0");
    assert.equal(full.code, 2, full.stderr);
    assert.match(full.stderr, /Redis at 127\.0\.0\.1:\d+ takes nothing now: OOM/);
    const { stdout } = await type("fleet", "--json");
    assert.deepEqual((JSON.parse(stdout) as { runs: unknown[] }).runs, []);
    await server.command("REPLICAOF", "127.0.0.1", "1");
    const replica = await type("submit", "-c");
    await server.command("REPLICAOF", "NO", "ONE");
    assert.equal(replica.code, 2, replica.stderr);
    assert.match(replica.stderr, /takes nothing now: (READONLY|MASTERDOWN)/);
    const done = await type("submit", "-c");
    assert.equal(done.code, 0, done.stderr);
    const keys = (await server.command("KEYS", "*")) as string[];
    assert.deepEqual(
      keys.filter((key) => !/^autogpt:(fleet|queue):/.test(key)),
      ["somebody"],
    );
  });
}

test("a Redis that is too old is told as that", async (t) => {
  // No distribution of today has one: this answers as one does.
  const old = createServer((socket) => {
    socket.on("error", () => undefined);
    const info = "# Server\r\nredis_version:6.0.16\r\nloading:0\r\n";
    socket.on("data", (bytes) => {
      for (const [, name] of bytes.toString("utf8").matchAll(/\*\d+\r\n\$\d+\r\n([A-Za-z]+)\r\n/g))
        socket.write(name?.toLowerCase() === "info" ? `$${info.length}\r\n${info}\r\n` : "+OK\r\n");
    });
  });
  old.listen(0, "127.0.0.1");
  await once(old, "listening");
  t.after(() => old.close());
  const { port } = old.address() as AddressInfo;
  await assert.rejects(
    openStore(`redis://127.0.0.1:${port}`),
    /is 6\.0, and a queue needs 6\.2 or later\. Update it, or name another one in QUEUE_URL/,
  );
});

test("a file or folder that may not be read is named, and is not taken for one that is gone", async (t) => {
  const root = await temporaryFolder(t, "/tmp");
  await mkdir(join(root, "open"));
  await mkdir(join(root, "closed"));
  await writeFile(join(root, "open", "secret.txt"), "s");
  await writeFile(join(root, "closed", "in.txt"), "i");
  await chmod(root, 0o755);
  const known = new Map();
  const scan = () => scanFolder({ root, isLeftOut: () => false, artifacts: null, add: () => undefined }, known);
  const asNobody = async (work: () => Promise<unknown>): Promise<void> => {
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      await work();
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  };
  await scan();
  await chmod(join(root, "open", "secret.txt"), 0o000);
  await asNobody(() => assert.rejects(scan(), /"open\/secret\.txt" in its folder may not be read/));
  await chmod(join(root, "open", "secret.txt"), 0o644);
  await chmod(join(root, "closed"), 0o000);
  await asNobody(() => assert.rejects(scan(), UnreadableError));
  await chmod(join(root, "closed"), 0o755);
  assert.ok(known.has("closed/in.txt"));
});
