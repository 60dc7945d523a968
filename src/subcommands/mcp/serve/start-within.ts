import { readRunNamed } from "../../../history/read-run.js";
import { runsDirectory } from "../../../history/runs.js";
import type { RunTable } from "./run-table.js";
import type { ServedBudget } from "./served-budget.js";
import { limitFlags, lowest, type Limits } from "./served-limits.js";

/** A run that goes on, and what it has cost before, in dollars. */
export type KnownRun = { run: string; prepare(): Promise<void>; costUsd: number };

/** Starts a run with these arguments under these limits; its name, once it has begun. Throws SettingsError where it cannot. */
export type StartWithin = (limits: Limits, args: readonly string[], known: KnownRun | null) => Promise<string>;

/** Starts runs with a share of the budget each, of which comes back what a run has not used when it ends. */
export const createStarter =
  ({ home, table, budget }: { home: string; table: RunTable; budget: ServedBudget }): StartWithin =>
  async (limits, args, known) => {
    const before = known?.costUsd ?? 0;
    const share = budget.reserve(limits.costUsd === null ? null : Math.max(0, limits.costUsd - before));
    const held = share.usd === null ? limits : lowest(limits, { costUsd: before + share.usd });
    const over = async (run: string | null): Promise<void> => {
      const cost = run === null ? before : await costOf(home, run).catch(() => null);
      share.settle(cost === null ? null : Math.max(0, cost - before));
    };
    try {
      return await table.start([...args, ...limitFlags(held)], known, over);
    } catch (thrown) {
      // Nothing of it is at work: it was not started, or has ended by then.
      share.settle(0);
      throw thrown;
    }
  };

const costOf = async (home: string, run: string): Promise<number> =>
  (await readRunNamed(runsDirectory(home), run)).spent.costUsd;
