import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { SettingsError } from "../../../src/errors.js";
import type { ListedRun, RunStore } from "../../../src/fleet/store/run-store.js";
import { changeBudget } from "../../../src/subcommands/fleet/fleet.js";
import { withFleet } from "../../../src/subcommands/fleet/with-fleet.js";
import { nanoPerDollar } from "../../../src/history/totals.js";
import type { FakeOpenAi } from "../../support/services/fake-open-ai.js";

/** Gives all runs together less than they need, and a little more whenever none of them can go on; never is it exceeded. */
export async function watchBudget(
  t: TestContext,
  store: RunStore,
  url: string,
  model: FakeOpenAi,
  { runs, usdOfOne }: { runs: number; usdOfOne: number },
): Promise<(left: readonly ListedRun[]) => Promise<void>> {
  // A request whose answer was lost counts with all that was set aside for it.
  const stepUsd = (runs / 4) * usdOfOne + 1;
  let [limitUsd, raised] = [usdOfOne + stepUsd, 0];
  await store.limitBudget(Math.floor(limitUsd * 1e9));
  t.after(() => {
    t.diagnostic(
      `the budget was raised ${raised} times, to $${limitUsd}; the server has billed $${model.billed().usd}`,
    );
  });
  return async (left) => {
    const { usd } = model.billed();
    assert.ok(usd <= limitUsd + 1e-9, `the server has billed $${usd}, above $${limitUsd}`);
    const needs = left.flatMap(({ status }) => (status.needsUsd === undefined ? [] : [status.needsUsd]));
    const moves = left.some(({ status }) => status.needsUsd === undefined && status.state !== "ended");
    if (needs.length === 0 || moves) return;
    const budget = await store.budget().catch(() => null);
    // What was raised is enough for one of them: it is about to go on.
    if (budget === null || (budget.limit ?? 0) - budget.spent >= Math.min(...needs) * nanoPerDollar) return;
    limitUsd += stepUsd;
    raised += 1;
    await withStoreUp(() => withFleet(url, (fleet) => changeBudget(fleet, Math.floor(limitUsd * 1e9))));
  };
}

/** Tries until the server is there. */
async function withStoreUp(work: () => Promise<void>): Promise<void> {
  for (;;)
    try {
      return await work();
    } catch (thrown) {
      if (!(thrown instanceof SettingsError)) throw thrown;
      await delay(100);
    }
}
