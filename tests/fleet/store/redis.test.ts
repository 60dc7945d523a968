import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { openStore, requireAddress } from "../../../src/fleet/store/open-store.js";
import { openRunQueue } from "../../../src/fleet/queue/run-queue.js";
import type { DoctorEntry } from "../../../src/subcommands/doctor/check.js";
import { runInProcess } from "../../support/in-process.js";
import { temporaryFolder } from "../../support/program.js";
import { freePort, startRedis } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { fetchContract } from "../watch/fetch-contract.js";
import { removeContract } from "../watch/remove-contract.js";
import { storeContract } from "./contract.js";

const file = wholeFile();
const server = await startRedis(file);

if (server === null) test("the fleet on Redis", { skip: file.problem });
else {
  const open = () => openStore(`redis://127.0.0.1:${server.port}`);
  removeContract("a fleet on Redis", () => `redis://127.0.0.1:${server.port}/6`);
  fetchContract("a fleet on Redis", () => `redis://127.0.0.1:${server.port}/5`);
  storeContract({ name: "Redis", open, kill: server.kill, start: server.start });

  test("Redis that takes nothing keeps what it has, and nothing of a batch", async () => {
    const store = await open();
    await store.create("full", { settings: "", begin: [], resume: [], after: [], priority: 100, tags: [] }, status);
    const taken = await store.acquire("full", "somebody", 60_000);
    assert.ok(typeof taken === "object");
    const { spent } = await store.budget();
    await server.command("CONFIG", "SET", "maxmemory", "1");
    const batch = { lines: ["1"], from: 1, files: [], dropped: [], status: null, nano: 5 };
    await assert.rejects(store.commit("full", taken.epoch, batch), /takes nothing now: OOM(?!.*script:)/);
    assert.deepEqual((await store.read("full"))?.lines, []);
    assert.equal((await store.budget()).spent, spent);
    await assert.rejects(store.reserve("full", taken.epoch, 5), /takes nothing now: OOM/);
    await server.command("CONFIG", "SET", "maxmemory", "0");
    await store.commit("full", taken.epoch, batch);
    await server.command("REPLICAOF", "127.0.0.1", "1");
    await assert.rejects(
      store.commit("full", taken.epoch, { ...batch, from: 2 }),
      /takes nothing now: (READONLY|MASTERDOWN)/,
    );
    await server.command("REPLICAOF", "NO", "ONE");
    await store.remove("full");
    await store.close();
  });

  test("keys of others on the server stay as they are", async () => {
    await server.command("FLUSHALL");
    await server.command("SET", "runs", "of somebody");
    const store = await open();
    await store.create("mine", { settings: "", begin: [], resume: [], after: [], priority: 100, tags: [] }, status);
    const keys = (await server.command("KEYS", "*")) as string[];
    assert.deepEqual(
      keys.filter((key) => !key.startsWith("autogpt:fleet:")),
      ["runs"],
    );
    await store.remove("mine");
    assert.deepEqual(await server.command("KEYS", "*"), ["runs"]);
    await store.close();
  });

  test("a Redis whose settings may lose runs is told as that, by the worker's store and by doctor", async (t) => {
    const cwd = await temporaryFolder(t);
    const url = `redis://127.0.0.1:${server.port}`;
    const queueOf = async () => {
      const { stdout } = await runInProcess({ cwd, args: ["doctor", "--json"], env: { QUEUE_URL: url } });
      return (JSON.parse(stdout) as DoctorEntry[]).find(({ id }) => id === "queue");
    };
    const found = await queueOf();
    assert.equal(found?.state, "ok");
    assert.match(found.found, /^Redis \d+\.\d+\.\d+ at 127\.0\.0\.1:\d+, 0 workers/);
    await server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    await server.command("CONFIG", "SET", "appendonly", "no");
    const store = await open();
    assert.match(store.warnings.join("\n"), /maxmemory-policy allkeys-lru.*\n.*appendonly no/);
    await store.close();
    assert.equal((await queueOf())?.state, "warn");
    const said = t.mock.method(console, "warn");
    const queue = await openRunQueue(url, {
      shared: () => Promise.reject(new Error()),
      replaceShared: () => Promise.reject(new Error()),
    });
    await queue.close();
    assert.equal(said.mock.callCount(), 0, "the library's own warning is not shown");
    await server.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
    await server.command("CONFIG", "SET", "appendonly", "yes");
  });

  test("a Redis that is not there, too old, or of which nothing is said, is told as that", async () => {
    await assert.rejects(
      openStore(`redis://127.0.0.1:${await freePort()}`),
      /cannot be used .*name another one in QUEUE_URL/,
    );
    const closing = createServer((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    closing.listen(0, "127.0.0.1");
    await once(closing, "listening");
    const { port } = closing.address() as AddressInfo;
    await assert.rejects(openStore(`redis://127.0.0.1:${port}`), /does not speak as Redis does/);
    closing.close();
    await server.command("CONFIG", "SET", "requirepass", "right");
    for (const password of ["", ":wrong@"])
      await assert.rejects(
        openStore(`redis://${password}127.0.0.1:${server.port}`),
        /nobody in without its password, and that in QUEUE_URL is missing or wrong/,
      );
    const store = await openStore(`redis://:right@127.0.0.1:${server.port}`);
    await store.close();
    assert.throws(() => requireAddress(undefined), /There is no queue: set QUEUE_URL/);
  });
}

const status = { state: "waiting" as const, since: "2026-11-29T00:00:00.000Z", steps: 0, costUsd: 0, kills: 0 };
