import { limitByDefault, type Limited } from "../../compose/server.js";
import type { RunLimits } from "../../history/event-parts.js";
import type { RecordedRun } from "../../history/read-run.js";
import type { Settings } from "../../settings/schema.js";

/** The limits that flags and settings name. */
const namedLimits = (settings: Settings): RunLimits => ({
  steps: settings.continuousLimit ?? null,
  costUsd: settings.maxCost ?? null,
  tokens: settings.maxTokens ?? null,
  seconds: settings.maxTime ?? null,
});

const isNone = ({ steps, costUsd, tokens, seconds }: RunLimits): boolean =>
  [steps, costUsd, tokens, seconds].every((limit) => limit === null);

type LimitedRun = Limited & { continuous: boolean };

/** The limits of a new run: those that were named; in continuous mode without any, the one by default. */
export async function newLimits(run: LimitedRun): Promise<RunLimits> {
  const named = namedLimits(run.settings);
  return isNone(named) && run.continuous ? limitByDefault(run) : named;
}

/**
 * The limits of a run that goes on: its own, each replaced by one that is named now. One by default holds only as long as
 * none is named.
 */
export async function resumedLimits(
  run: LimitedRun,
  { limits, steps, spent, start }: Pick<RecordedRun, "limits" | "steps" | "spent" | "start">,
): Promise<RunLimits> {
  const given = namedLimits(run.settings);
  // A run that was forked counts its steps from there.
  const named = { ...given, steps: given.steps === null ? null : given.steps + (start.forkedFrom?.step ?? 0) };
  if (isNone(named)) {
    const isOpen = isNone(limits) && run.continuous;
    return isOpen ? limitByDefault({ ...run, used: { steps: steps.length, costUsd: spent.costUsd } }) : limits;
  }
  if (limits.byDefault) return named;
  return {
    steps: named.steps ?? limits.steps,
    costUsd: named.costUsd ?? limits.costUsd,
    tokens: named.tokens ?? limits.tokens,
    seconds: named.seconds ?? limits.seconds,
  };
}
