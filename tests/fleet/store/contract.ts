import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { FileEntry } from "../../../src/fleet/folder/entry.js";
import { sharedPace } from "../../../src/fleet/pace/shared-pace.js";
import {
  LeaseLostError,
  StoreDownError,
  type Batch,
  type RunStatus,
  type RunStore,
} from "../../../src/fleet/store/run-store.js";
import { isCopied, isFollowed } from "./followed.js";

/** A store at a server that these tests may end and start again. */
export type StoreAtServer = {
  name: string;
  open(): Promise<RunStore>;
  kill(): Promise<void>;
  start(): Promise<void>;
};

const waiting: RunStatus = { state: "waiting", since: "2026-11-29T00:00:00.000Z", steps: 0, costUsd: 0, kills: 0 };
const order = { settings: "ai_name: A\n", begin: ["-c"], resume: ["-c"], after: [], priority: 100, tags: [] };
const nothing: Batch = { lines: [], from: 1, files: [], dropped: [], status: null, nano: 0 };
const long = 60_000;
const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const fileOf = (bytes: Uint8Array): FileEntry => ({
  kind: "file",
  mode: 0o644,
  parts: [{ hash: hashOf(bytes), length: bytes.length }],
});
let last = 0;
const newName = (): string => `run-${(last += 1)}`;

async function acquired(store: RunStore, run: string, milliseconds = long): Promise<number> {
  const taken = await store.acquire(run, "somebody", milliseconds);
  assert.ok(typeof taken === "object", `the run is ${String(taken)}`);
  return taken.epoch;
}

/** What every store promises. */
export function storeContract({ name, open, kill, start }: StoreAtServer): void {
  const withStore = (title: string, work: (store: RunStore, run: string, t: TestContext) => Promise<void>): void => {
    test(`${name}: ${title}`, async (t) => {
      const store = await open();
      try {
        const run = newName();
        assert.equal(await store.create(run, order, waiting), true);
        await work(store, run, t);
      } finally {
        await store.close();
      }
    });
  };

  withStore("a run is there once, is listed, and goes", async (store, run) => {
    assert.equal(await store.create(run, { ...order, settings: "other" }, waiting), false);
    assert.deepEqual((await store.read(run))?.order, order);
    assert.deepEqual(
      (await store.list()).filter((one) => one.run === run),
      [{ run, order, status: waiting }],
    );
    await store.remove(run);
    assert.equal(await store.read(run), null);
    assert.deepEqual(
      (await store.list()).filter((one) => one.run === run),
      [],
    );
    assert.equal(await store.acquire(run, "somebody", long), "missing");
  });

  withStore("lines, files and contents come back as they were", async (store, run) => {
    const epoch = await acquired(store, run);
    const bytes = Buffer.from([0, 255, 10, 13, 0xc3, 0x28]);
    const line = JSON.stringify({ text: "ä\u0000\u2028 'quoted' \\ {a,b}" });
    await store.put(run, epoch, new Map([[hashOf(bytes), bytes]]));
    const files: Batch["files"] = [
      ["workspace", { kind: "folder", mode: 0o755 }],
      ['workspace/a "b" {c},d\n\\.bin', fileOf(bytes)],
      ["workspace/link", { kind: "link", target: "../else where" }],
    ];
    await store.commit(run, epoch, { ...nothing, lines: [line, "{}"], files, status: { ...waiting, steps: 2 } });
    const stored = await store.read(run);
    assert.deepEqual(stored?.lines, [line, "{}"]);
    assert.deepEqual([...(stored?.files ?? [])].sort(), [...files].sort());
    assert.deepEqual(stored?.status, { ...waiting, steps: 2 });
    assert.deepEqual(stored?.contents, new Set([hashOf(bytes)]));
    assert.deepEqual(await store.contents(run, ["0".repeat(64), hashOf(bytes)]), [null, bytes]);
    const gone: Batch["files"] = [['workspace/a "b" {c},d\n\\.bin', null]];
    await store.commit(run, epoch, { ...nothing, lines: ["[3]"], from: 3, files: gone, dropped: [hashOf(bytes)] });
    const later = await store.read(run);
    assert.deepEqual(later?.lines, [line, "{}", "[3]"]);
    assert.deepEqual([...(later?.files.keys() ?? [])].sort(), ["workspace", "workspace/link"]);
    assert.deepEqual(await store.contents(run, [hashOf(bytes)]), [null]);
  });

  withStore("lines are given from a number on, and files below a folder", async (store, run) =>
    isFollowed(store, run, await acquired(store, run)),
  );

  withStore("a copy of a run follows it, and asks for what is new alone", async (store, run, t) =>
    isCopied(t, store, run, await acquired(store, run)),
  );

  withStore("what comes from an earlier holder is refused, and nothing of it is kept", async (store, run) => {
    const first = await acquired(store, run);
    assert.equal(await store.acquire(run, "somebody else", long), "held");
    await store.commit(run, first, { ...nothing, lines: ["1"] });
    await store.release(run, first);
    const second = await acquired(store, run);
    assert.ok(second > first);
    const before = await store.read(run);
    const bytes = Buffer.from("late");
    const late: Batch = {
      ...nothing,
      lines: ["2"],
      from: 2,
      files: [["late", fileOf(bytes)]],
      status: { ...waiting, steps: 9 },
    };
    await assert.rejects(store.commit(run, first, late), LeaseLostError);
    await assert.rejects(store.put(run, first, new Map([[hashOf(bytes), bytes]])), LeaseLostError);
    assert.equal(await store.renew(run, first, long), false);
    await store.release(run, first);
    assert.equal(await store.acquire(run, "a third", long), "held");
    assert.deepEqual(await store.read(run), before);
    assert.equal(await store.renew(run, second, long), true);
  });

  withStore("a batch whose answer was lost is kept once; lines that do not follow are refused", async (store, run) => {
    const epoch = await acquired(store, run);
    const batch: Batch = { ...nothing, lines: ["1", "2"], files: [["f", { kind: "folder", mode: 0o700 }]] };
    await store.commit(run, epoch, batch);
    await store.commit(run, epoch, batch);
    assert.deepEqual((await store.read(run))?.lines, ["1", "2"]);
    for (const wrong of [{ lines: ["1", "other"] }, { lines: ["4"], from: 4 }, { lines: ["2"], from: 1 }])
      await assert.rejects(store.commit(run, epoch, { ...nothing, ...wrong }), LeaseLostError);
    assert.deepEqual((await store.read(run))?.lines, ["1", "2"]);
  });

  withStore(
    "a run that is not held for longer can be taken, and of many that want it one has it",
    async (store, run) => {
      const first = await acquired(store, run, 1);
      let next: Awaited<ReturnType<RunStore["acquire"]>> = "held";
      while (next === "held") next = await store.acquire(run, "the next", long);
      assert.deepEqual(next, { epoch: first + 1 });
      await store.release(run, first + 1);
      const many = await Promise.all(Array.from({ length: 8 }, (_one, index) => store.acquire(run, `w${index}`, long)));
      assert.equal(many.filter((one) => typeof one === "object").length, 1);
    },
  );

  withStore(
    "a status of somebody who has not the run counts only while nobody has it; its end can be asked for",
    async (store, run) => {
      const epoch = await acquired(store, run);
      assert.equal(await store.setStatus(run, { ...waiting, state: "cancelled" }), false);
      assert.equal(await store.isAskedToEnd(run), false);
      await store.askToEnd(run, true);
      assert.equal(await store.isAskedToEnd(run), true);
      await store.askToEnd(run, false);
      assert.equal(await store.isAskedToEnd(run), false);
      await store.release(run, epoch);
      assert.equal(await store.setStatus(run, { ...waiting, state: "cancelled" }), true);
      assert.equal((await store.read(run))?.status.state, "cancelled");
      assert.equal(await store.setStatus("nobody", waiting), false);
    },
  );

  withStore(
    "the budget of all runs is never exceeded by what is set aside, and gets back what was not used",
    async (store, run) => {
      const { spent } = await store.budget();
      const other = newName();
      assert.equal(await store.create(other, order, waiting), true);
      const [first, second] = [await acquired(store, run), await acquired(store, other)];
      await store.limitBudget(spent + 100);
      assert.deepEqual(await store.budget(), { spent, limit: spent + 100 });
      const both = await Promise.all([store.reserve(run, first, 60), store.reserve(other, second, 60)]);
      assert.deepEqual([...both].sort(), [false, true]);
      const [winner, loser] = both[0]
        ? ([
            [run, first],
            [other, second],
          ] as const)
        : ([
            [other, second],
            [run, first],
          ] as const);
      // An answer that was lost: the same again changes nothing.
      assert.equal(await store.reserve(...winner, 60), true);
      assert.equal((await store.budget()).spent, spent + 60);
      await store.commit(...winner, { ...nothing, lines: ["1"], nano: 15 });
      assert.equal(await store.reserve(...loser, 86), false);
      assert.equal(await store.reserve(...loser, 85), true);
      // What was paid is counted, whatever the limit is.
      await store.commit(...winner, { ...nothing, lines: ["2"], from: 2, nano: 40 });
      assert.deepEqual(await store.budget(), { spent: spent + 125, limit: spent + 100 });
      await assert.rejects(store.reserve(winner[0], winner[1] - 1, 0), LeaseLostError);
      await store.limitBudget(null);
      assert.equal(await store.reserve(...loser, 1_000_000_000_000), true);
      assert.deepEqual(await store.budget(), { spent: spent + 1_000_000_000_040, limit: null });
    },
  );

  withStore("a text that is shared is replaced by whoever has seen the last one", async (store, run) => {
    const name = `pace:${run}`;
    const { text, now } = await store.shared(name);
    assert.equal(text, null);
    assert.ok(Math.abs(now - Date.now()) < long, "the clock of the server is that of this machine");
    const first = await Promise.all(["a", "b", "c"].map((after) => store.replaceShared(name, null, after)));
    assert.equal(first.filter(Boolean).length, 1);
    const { text: one } = await store.shared(name);
    assert.equal(await store.replaceShared(name, "x", "y"), false);
    assert.equal(await store.replaceShared(name, null, "y"), false);
    assert.equal(await store.replaceShared(name, one, "z"), true);
    assert.equal((await store.shared(name)).text, "z");
  });

  withStore("turns at a server that many take at once are those that its limit allows", async (store, run) => {
    const pace = sharedPace(store);
    const server = createHash("sha256").update(run).digest("hex").slice(0, 32);
    await pace.heard(server, { requests: { limit: 5, remaining: 5, windowMs: 3_600_000 } });
    const waits = await Promise.all(Array.from({ length: 8 }, () => pace.turn(server, 1, false)));
    assert.deepEqual(waits.map((waitMs) => waitMs === 0).sort(), [false, false, false, true, true, true, true, true]);
  });

  withStore(
    "a server that is away is told, and what was acknowledged is there when it comes back",
    async (store, run) => {
      const epoch = await acquired(store, run);
      await store.commit(run, epoch, { ...nothing, lines: ["1"] });
      await kill();
      await assert.rejects(store.commit(run, epoch, { ...nothing, lines: ["2"], from: 2 }), StoreDownError);
      await assert.rejects(store.read(run), StoreDownError);
      await start();
      for (;;) {
        const isThere = await store.renew(run, epoch, long).catch((thrown: unknown) => {
          if (!(thrown instanceof StoreDownError)) throw thrown;
          return null;
        });
        if (isThere !== null) break;
        await delay(10);
      }
      await store.commit(run, epoch, { ...nothing, lines: ["2"], from: 2 });
      assert.deepEqual((await store.read(run))?.lines, ["1", "2"]);
    },
  );

  test(`${name}: a worker is there for as long as it says, until it is gone`, async () => {
    const store = await open();
    try {
      const facts = { worker: "host:1", tags: ["gpu", "web"], concurrency: 2 };
      await store.announce(facts, long);
      await store.announce({ ...facts, worker: "host:2" }, 1);
      await store.announce({ ...facts, concurrency: 3 }, long);
      for (let there = 2; there !== 1; there = (await store.workers()).length);
      assert.deepEqual(await store.workers(), [{ ...facts, concurrency: 3 }]);
      await store.withdraw(facts.worker);
      assert.deepEqual(await store.workers(), []);
    } finally {
      await store.close();
    }
  });
}
