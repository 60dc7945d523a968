import assert from "node:assert/strict";
import { test } from "node:test";
import { openStore } from "../../../src/fleet/store/open-store.js";
import type { Order, RunStatus } from "../../../src/fleet/store/run-store.js";
import { runInProcess } from "../../support/in-process.js";
import { temporaryFolder } from "../../support/program.js";

const order: Order = { settings: "ai_name: A\n", begin: [], resume: [], after: [], priority: 100, tags: [] };
const status = (state: RunStatus["state"], more: Partial<RunStatus> = {}): RunStatus => ({
  ...{ state, since: new Date().toISOString(), steps: 0, costUsd: 0, kills: 0, ...more },
});

/** What holds for choosing which runs are shown, and for removing them; `url` is that of an empty store. */
export function removeContract(name: string, url: () => string): void {
  test(`${name}: runs are told by their state, with what they wait for, and those that are over can be removed`, async (t) => {
    const folder = await temporaryFolder(t);
    const store = await openStore(url());
    t.after(() => store.close());
    const type = (...args: string[]) => runInProcess({ cwd: folder, args, input: "", env: { QUEUE_URL: url() } });
    const typed = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await type(...args);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    const old = new Date(Date.now() - 40 * 86_400_000).toISOString();
    await store.create("run-well", order, status("waiting"));
    const taken = await store.acquire("run-well", "somebody", 60_000);
    assert.ok(typeof taken === "object");
    const ended = status("ended", { exitCode: 0, costUsd: 2 });
    const nothing = { lines: ["{}"], from: 1, files: [], dropped: [] };
    await store.commit("run-well", taken.epoch, { ...nothing, status: ended, nano: 2_000_000_000 });
    await store.release("run-well", taken.epoch);
    await store.create("run-needed", order, status("ended", { exitCode: 0 }));
    await store.create("run-old", order, status("ended", { exitCode: 5, reason: "limit-cost", since: old }));
    await store.create("run-next", { ...order, after: ["run-needed"], priority: 7 }, status("waiting"));
    await store.create("run-asks", order, status("parked", { asks: 1, exitCode: 75 }));
    await store.create("run-poor", order, status("parked", { needsUsd: 1, exitCode: 5 }));
    await store.create("run-away", order, status("parked", { exitCode: 75 }));

    const shown = await typed("fleet");
    for (const line of [
      /run-old +ended \(5, limit-cost\)/,
      /run-next +waiting \(after run-needed, priority 7\)/,
      /run-asks +parked \(asks\)/,
      /run-poor +parked \(budget\)/,
      /run-away +parked \(its server\)/,
      /0 for later, 3 parked/,
      /1 run waits for an answer/,
    ])
      assert.match(shown, line);
    const parked = await typed("fleet", "--state", "parked", "--limit", "2");
    assert.deepEqual(parked.match(/^run-\w+/gm), ["run-poor", "run-away"]);
    assert.equal((await type("fleet", "--state", "finished")).code, 2);
    assert.equal((await type("fleet", "--limit", "0")).code, 2);

    await typed("fleet", "cancel", "run-asks");
    assert.doesNotMatch(await typed("fleet"), /for an answer/);
    assert.equal((await store.look("run-asks"))?.status.asks, undefined);

    for (const words of [[], ["run-poor"], ["run-well"]]) {
      const { code, stderr } = await type("fleet", "remove", ...words);
      assert.equal(code, 2);
      assert.match(stderr, /Name the runs|is parked: only what has ended|no terminal to ask on/);
    }
    assert.match(await typed("fleet", "remove", "--older-than", "30d", "--yes"), /Removed 1 run\./);
    assert.equal(await store.look("run-old"), null);
    const removed = await typed("fleet", "remove", "--ended", "--yes");
    assert.match(removed, /run-needed stays: run-next comes after it[^]*Removed 2 runs\./);
    assert.equal(await store.read("run-well"), null);
    assert.deepEqual(
      (await store.list()).map(({ run }) => run).sort(),
      ["run-away", "run-needed", "run-next", "run-poor"].sort(),
    );
    assert.equal((await store.budget()).spent, 2_000_000_000, "what a removed run has cost stays counted");

    const held = await store.acquire("run-needed", "somebody", 60_000);
    assert.ok(typeof held === "object");
    await store.remove("run-next");
    assert.match(await typed("fleet", "remove", "run-needed", "--yes"), /run-needed stays: somebody has taken it/);
    for (const { run } of await store.list()) await store.remove(run);
  });

  test(`${name}: a long list is cut at a terminal alone`, async (t) => {
    const { chosenOf, choiceFrom } = await import("../../../src/subcommands/fleet/choose-runs.js");
    const store = await openStore(url());
    t.after(() => store.close());
    const number = (index: number): string => String(index).padStart(2, "0");
    for (let index = 0; index < 30; index++) {
      await store.create(`run-w${number(index)}`, { ...order, priority: index === 29 ? 1 : 100 }, status("waiting"));
      await store.create(`run-e${number(index)}`, order, status("ended", { exitCode: 0 }));
    }
    const runs = (await store.list()).sort((one, other) => (one.run < other.run ? 1 : -1));
    const names = chosenOf(runs, choiceFrom({}, true)).map(({ run }) => run);
    assert.equal(names.length, 40);
    assert.ok(["run-w29", "run-w00", "run-w18", "run-e29", "run-e10"].every((run) => names.includes(run)));
    assert.ok(["run-w19", "run-e09"].every((run) => !names.includes(run)));
    for (const all of [choiceFrom({ all: true }, true), choiceFrom({}, false)])
      assert.equal(chosenOf(runs, all).length, runs.length);
    for (const { run } of runs) await store.remove(run);
  });
}
