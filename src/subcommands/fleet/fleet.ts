import { escapeText } from "../../base/escape.js";
import { SettingsError } from "../../errors.js";
import { turnNow } from "../../fleet/queue/run-queue.js";
import { StoreDownError, type ListedRun, type RunStatus } from "../../fleet/store/run-store.js";
import { nanoLimitOf } from "../../history/totals.js";
import { isOver, withoutEnd, withoutWaiting } from "../../fleet/worker/status.js";
import { chosenOf, type Choice } from "./choose-runs.js";
import { budgetLine, headLines, inUsd, lookAt, queueAsJson, runAsJson, runTable } from "./fleet-view.js";
import { namedRun } from "./named-run.js";
import { withFleet, type Fleet } from "./with-fleet.js";

export type FleetAct = "pause" | "resume" | "drain" | "cancel" | "retry";

/** The queue and the chosen of its runs, newest first: a table no wider than `width`, or one JSON object. Throws SettingsError. */
export const showFleet = (
  address: string | undefined,
  { json, width, choice }: { json: boolean; width: number | undefined; choice: Choice },
): Promise<string> =>
  withFleet(address, async (fleet) => {
    const view = await lookAt(fleet);
    const { workers, budget } = view;
    const runs = chosenOf(view.runs, choice);
    if (json)
      return JSON.stringify({
        queue: queueAsJson(view),
        workers,
        budget: inUsd(budget),
        runs: runs.map((one) => runAsJson(one, workers)),
      });
    const more = choice.states === null ? view.runs.length - runs.length : 0;
    const lines = [
      ...headLines(view),
      ...(runs.length > 0 ? ["", runTable(runs, width, new Date())] : []),
      ...(more > 0 ? [`and ${more} more: autogpt fleet --all`] : []),
    ];
    return lines.map(escapeText).join("\n");
  });

/** Limits what all runs may cost, in US dollars, `none` for no limit; runs that wait for that go on. Throws SettingsError. */
export const setBudget = (address: string | undefined, text: string): Promise<string> =>
  withFleet(address, async (fleet) => {
    const limit = limitFrom(text);
    await changeBudget(fleet, limit);
    return budgetLine(await fleet.store.budget());
  });

/** In nano-dollars; null for none. Throws SettingsError. */
export function limitFrom(text: string): number | null {
  if (text === "none") return null;
  const usd = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (Number.isFinite(usd)) return nanoLimitOf(usd);
  throw new SettingsError(
    `The budget of a fleet must be US dollars such as 25 or 0.50, or none, not ${JSON.stringify(text)}.`,
  );
}

/** How many runs are woken at a time. */
const wokenAtOnce = 16;

/**
 * Limits what all runs may cost, in nano-dollars, and wakes those that wait for that. Those that cannot be woken now look for themselves,
 * within half a minute.
 */
export async function changeBudget({ store, queue }: Fleet, limit: number | null): Promise<void> {
  await store.limitBudget(limit);
  const poor = (await store.list()).filter(({ status }) => status.needsUsd !== undefined && !isOver(status)).values();
  const wakeSome = async (): Promise<void> => {
    for (const one of poor) await queue.wake(one.run, turnNow(one)).catch(unlessDown);
  };
  await Promise.all(Array.from({ length: wokenAtOnce }, wakeSome));
}

function unlessDown(thrown: unknown): void {
  if (!(thrown instanceof StoreDownError)) throw thrown;
}

/** Does something to the queue, or to runs in it, and says what came of it, a line each. Throws SettingsError. */
export const actOnFleet = (address: string | undefined, act: FleetAct, names: readonly string[]): Promise<string[]> =>
  withFleet(address, async (fleet) => {
    const { store, queue } = fleet;
    if (act === "pause") {
      await queue.pause();
      return ["The queue is paused: runs at work go on, and no others are taken until autogpt fleet resume."];
    }
    if (act === "resume") {
      await queue.resume();
      return ["Runs are taken again."];
    }
    const all = await store.list();
    const meant =
      act === "drain"
        ? all.filter(({ status }) => status.state === "waiting" || status.state === "parked")
        : names.map((name) => namedRun(all, name));
    const said: string[] = [];
    for (const one of meant) said.push(act === "retry" ? await retry(fleet, one) : await cancel(fleet, one));
    return said.length > 0 ? said : ["No run waits."];
  });

async function cancel({ store, queue }: Fleet, { run, status, order }: ListedRun): Promise<string> {
  if (isOver(status)) return `The run ${run} is over already.`;
  // Asked first: a worker that takes it now finds that out.
  await store.askToEnd(run, true);
  const cancelled: RunStatus = { ...withoutWaiting(status), state: "cancelled", since: new Date().toISOString() };
  const isIdle = await store.setStatus(run, cancelled);
  if (!isIdle) return `The run ${run} is at work, and is told to end.`;
  await queue.remove(run, order.tags);
  return `The run ${run} is cancelled.`;
}

async function retry({ store, queue }: Fleet, one: ListedRun): Promise<string> {
  const { run, status } = one;
  if (status.state === "ended" && status.exitCode === 0)
    throw new SettingsError(`The run ${run} has completed: there is nothing to go on with. Submit a new one.`);
  await store.askToEnd(run, false);
  const waiting: RunStatus = { ...withoutEnd(status), state: "waiting", since: new Date().toISOString(), kills: 0 };
  if (!(await store.setStatus(run, waiting))) return `The run ${run} is at work.`;
  await queue.add(run, turnNow(one));
  return `The run ${run} is in the queue again.`;
}
