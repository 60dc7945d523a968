import { SettingsError } from "../../../errors.js";

/** What one run may use of the budget until it ends. */
export type Share = {
  /** The most that it may cost, in dollars; null: as much as its own limit says. */
  usd: number | null;
  /** To be called once it has ended, with what it cost; null: that is not known, and all of it counts as spent. */
  settle(spentUsd: number | null): void;
};

/** What all runs of this server may cost together. */
export interface ServedBudget {
  /**
   * Sets aside what a run may cost at most: `wantedUsd`, or all that is left where that is less, or the run has no limit (null). So runs that
   * are at work at a time never use more than there is. Throws SettingsError where nothing is left.
   */
  reserve(wantedUsd: number | null): Share;
}

/** `totalUsd`: from the server's start to its end, in dollars; null: each run has its own limit alone. */
export function createServedBudget(totalUsd: number | null): ServedBudget {
  let spent = 0;
  let reserved = 0;
  return {
    reserve(wantedUsd) {
      if (totalUsd === null) return { usd: null, settle: () => undefined };
      const left = totalUsd - spent - reserved;
      if (left < least) throw new SettingsError(nothingLeft(totalUsd, reserved));
      const usd = Math.min(wantedUsd ?? left, left);
      reserved += usd;
      let isSettled = false;
      return {
        usd,
        settle(spentUsd) {
          if (isSettled) return;
          isSettled = true;
          reserved = Math.max(0, reserved - usd);
          spent += spentUsd ?? usd;
        },
      };
    },
  };
}

/** Less pays for no request, in dollars. */
const least = 1e-6;

const nothingLeft = (totalUsd: number, reserved: number): string =>
  reserved < least
    ? `All runs of this server may cost $${totalUsd} together (--total-cost), and that is used up. Its user can start it with more.`
    : `All runs of this server may cost $${totalUsd} together (--total-cost): what is not used up is set aside for runs at work. Wait for one of them with run_status, or ask for less with max_cost_usd.`;
