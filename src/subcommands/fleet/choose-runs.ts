import { SettingsError } from "../../errors.js";
import type { ListedRun, RunState } from "../../fleet/store/run-store.js";
import { isOver } from "../../fleet/worker/status.js";

/** Which runs are shown: those in one of these states, and the newest of them; without either, what `all` says. */
export type Choice = {
  states: readonly RunState[] | null;
  limit: number | null;
  /** Whether the list is cut where it would be long. */
  all: boolean;
};

const states: readonly RunState[] = ["submitting", "waiting", "running", "parked", "ended", "cancelled"];
/** How many that wait, and how many that are over, are shown where nothing else was said. */
const usualMost = 20;

/** States with commas between, and a number, as somebody types them. Throws SettingsError. */
export function choiceFrom(flags: { state?: string; limit?: string; all?: boolean }, isCut: boolean): Choice {
  const { state, limit } = flags;
  const named = state === undefined ? null : state.split(",").map(stateFrom);
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit))
    throw new SettingsError(`--limit must be a whole number above 0, not ${JSON.stringify(limit)}.`);
  const most = limit === undefined ? null : Number(limit);
  return { states: named, limit: most, all: flags.all === true || !isCut || named !== null || most !== null };
}

function stateFrom(text: string): RunState {
  const state = states.find((one) => one === text.trim().toLowerCase());
  if (state !== undefined) return state;
  throw new SettingsError(`--state must be one of ${states.join(", ")}, or several with commas, not "${text}".`);
}

/** The chosen ones of `runs`, which are the newest first, in the same order. */
export function chosenOf(runs: readonly ListedRun[], { states: named, limit, all }: Choice): ListedRun[] {
  const fit = named === null ? [...runs] : runs.filter(({ status }) => named.includes(status.state));
  if (limit !== null) return fit.slice(0, limit);
  if (all) return fit;
  const waiting = fit.filter(({ status }) => status.state === "waiting");
  // Those that are taken next: a smaller number comes first, and then whoever has waited longer.
  const next = [...waiting].reverse().sort((one, other) => one.order.priority - other.order.priority);
  const over = fit.filter(({ status }) => isOver(status));
  const left = new Set([...next.slice(usualMost), ...over.slice(usualMost)]);
  return fit.filter((one) => !left.has(one));
}
