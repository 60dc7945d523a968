import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { loadBullmq, type CarryJob } from "../../../src/fleet/queue/load-bullmq.js";
import { openRunQueue } from "../../../src/fleet/queue/run-queue.js";
import { takeTagged } from "../../../src/fleet/queue/take-tagged.js";
import { openStore } from "../../../src/fleet/store/open-store.js";

const lockMs = 400;
const fresh = ["first", "second", "third"];

/** What holds for every queue: a run whose worker died, and one that was put off, goes before those that no worker has had. */
export function begunContract(name: string, url: () => string): void {
  const all = ["answered", "its worker died", "put off"];
  // Alone in its queue it is the one by which a worker with tags chooses from which to take.
  for (const [tags, begun] of [
    [[], all],
    [["gpu"], ["its worker died"]],
    [["gpu"], all],
  ] as const)
    test(`${name}: runs that have begun go before those of their priority that have not (tags: ${tags.join() || "none"}, ${begun.length} runs)`, async (t) => {
      const store = await openStore(url());
      t.after(() => store.close());
      const queue = await openRunQueue(url(), store);
      t.after(() => queue.close());
      for (const run of begun) await queue.add(run, { priority: 100, tags, at: null });

      // It begins three runs, and dies while it has one of them.
      const dying = await loadBullmq(url(), () => undefined);
      const worker = dying.manualWorker(
        tags,
        async (run, job) => {
          await job.begin();
          if (run === "its worker died") return new Promise(() => undefined);
          return job.putOff(run === "put off" ? 1 : 3_600_000);
        },
        lockMs,
      );
      for (const run of begun) {
        const token = randomUUID();
        const job = await worker.getNextJob(token, { block: false });
        assert.equal(job?.data.run, run);
        const carried = worker.processJob(job, token, () => false);
        if (run !== "its worker died") await carried;
      }
      dying.close();

      await queue.pause();
      await queue.add("before all", { priority: 99, tags: [], at: null });
      for (const run of fresh) await queue.add(run, { priority: 100, tags: [], at: null });
      if (begun.length > 1) await queue.wake("answered", { priority: 100, tags, at: null, hasBegun: true });
      const bullmq = await loadBullmq(url(), (message) => assert.fail(message));
      const finder = bullmq.manualWorker(tags, () => Promise.resolve({}), lockMs);
      await finder.startStalledCheckTimer();
      while ((await queue.state()).active > 0) await delay(20);
      await finder.close();

      const taken: string[] = [];
      let told: () => void = () => undefined;
      const carry: CarryJob = (run) => {
        taken.push(run);
        told();
        return Promise.resolve({ run });
      };
      const options = { bullmq, store, tags: ["gpu"], concurrency: 1, lockMs, carry };
      const taker =
        tags.length === 0
          ? bullmq.worker(carry, 1, lockMs)
          : takeTagged({ ...options, onError: (message) => assert.fail(message) });
      if ("ready" in taker) await taker.ready();
      t.after(async () => {
        await taker.close();
        bullmq.close();
      });
      await queue.resume();
      while (taken.length < begun.length + 1 + fresh.length) await new Promise<void>((resolve) => (told = resolve));
      const places = new Map(taken.map((run, index) => [run, index]));
      const last = Math.max(...begun.map((run) => places.get(run) ?? Infinity));
      assert.equal(last, taken.length - 1 - fresh.length, taken.join());
      assert.deepEqual(taken.slice(-fresh.length), fresh);
    });
}
