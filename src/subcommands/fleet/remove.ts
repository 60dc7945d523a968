import { randomBytes } from "node:crypto";
import { counted } from "../../base/text.js";
import { SettingsError } from "../../errors.js";
import type { ArtifactsOptions } from "../../fleet/artifacts/open-artifacts.js";
import { StoreDownError, type ListedRun } from "../../fleet/store/run-store.js";
import { isOver } from "../../fleet/worker/status.js";
import type { RemovalTalk } from "../runs/confirm-removal.js";
import { namedRun } from "./named-run.js";
import { withFleet, type Fleet } from "./with-fleet.js";

export type FleetRemoval = RemovalTalk & {
  /** Runs as the user names them. */
  given: readonly string[];
  /** All that are over, too. */
  ended: boolean;
  /** Those that have been over for longer than this, too, in milliseconds. */
  olderThan: number | null;
  now: Date;
};

/** For how long a run that is being removed is held at most: nobody takes it, or tries it again, meanwhile. */
const removalMs = 60_000;

/**
 * Removes runs that are over from the store, with all that is kept of them; what they have cost stays counted. Throws SettingsError, before
 * anything is removed, where one that is named has not ended, nothing is named, or nobody can be asked.
 */
export const removeFromFleet = (
  address: string | undefined,
  artifacts: ArtifactsOptions,
  removal: FleetRemoval,
): Promise<void> =>
  withFleet(
    address,
    async (fleet) => {
      const { say, confirm } = removal;
      const all = await fleet.store.list();
      const notNeeded = (chosen: readonly ListedRun[], listed: readonly ListedRun[]): ListedRun[] => {
        const needed = new Map(listed.filter(({ status }) => !isOver(status)).flatMap(neededBy));
        for (const { run } of chosen.filter((one) => needed.has(one.run)))
          say(`The run ${run} stays: ${needed.get(run)} comes after it, and has not ended.`);
        return chosen.filter(({ run }) => !needed.has(run));
      };
      const chosen = chosenRuns(all, removal);
      const going = notNeeded(chosen, all);
      if (going.length === 0 && chosen.length > 0) throw new SettingsError("Nothing was removed.");
      if (going.length === 0) return say("There is nothing to remove.");
      if (confirm === null)
        throw new SettingsError(
          `There is no terminal to ask on. With --yes ${counted(going.length, "run")} would be removed without a question.`,
        );
      const question = `Remove ${counted(going.length, "run")} from the fleet, with journals and files? "autogpt fleet fetch" brings them here before. (y/N) `;
      if (!(await confirm(question))) return say("Nothing was removed.");
      let removed = 0;
      // While the question stood, runs may have been put in that come after these.
      for (const one of notNeeded(going, await fleet.store.list())) {
        if (await removeOne(fleet, one, say)) removed += 1;
        else say(`The run ${one.run} stays: somebody has taken it meanwhile.`);
      }
      say(`Removed ${counted(removed, "run")}.`);
    },
    artifacts,
  );

const neededBy = ({ run, order }: ListedRun): [string, string][] => order.after.map((before) => [before, run]);

function chosenRuns(all: readonly ListedRun[], { given, ended, olderThan, now }: FleetRemoval): ListedRun[] {
  if (given.length === 0 && !ended && olderThan === null)
    throw new SettingsError(
      'Name the runs to remove, or say --ended, or --older-than 30d. "autogpt fleet" lists them.',
    );
  const named = given.map((name) => namedRun(all, name));
  const alive = named.find(({ status }) => !isOver(status));
  if (alive !== undefined)
    throw new SettingsError(
      `The run ${alive.run} is ${alive.status.state}: only what has ended is removed. "autogpt fleet cancel ${alive.run}" ends it.`,
    );
  const isOld = ({ status }: ListedRun): boolean =>
    olderThan !== null && now.getTime() - Date.parse(status.since) > olderThan;
  const also = all.filter((one) => isOver(one.status) && (olderThan === null ? ended : isOld(one)));
  return [...new Map([...named, ...also].map((one) => [one.run, one])).values()];
}

/** It is held until it is gone: whoever tries it again meanwhile is told that it is at work. False where somebody was faster. */
async function removeOne({ store, queue }: Fleet, { run, order }: ListedRun, say: (line: string) => void) {
  const taken = await store.acquire(run, `remove-${randomBytes(4).toString("hex")}`, removalMs);
  if (taken === "missing") return true;
  if (taken === "held") return false;
  const now = await store.look(run);
  if (now !== null && !isOver(now.status)) {
    await store.release(run, taken.epoch);
    return false;
  }
  await queue.remove(run, order.tags);
  await store.remove(run).catch(async (thrown: unknown) => {
    if (!(thrown instanceof StoreDownError) || (await store.look(run)) !== null) throw thrown;
    say(thrown.message);
  });
  return true;
}
