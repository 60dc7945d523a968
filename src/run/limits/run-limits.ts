import { costEndsRuns } from "../../compose/server.js";
import type { ModelChoice, RunLimits } from "../../history/event-parts.js";
import type { RecordedRun } from "../../history/read-run.js";
import type { Settings } from "../../settings/schema.js";

/** What a run in continuous mode may use where nobody named a limit: dollars, or steps where dollars would not end it. */
const usualCostUsd = 3;
const usualSteps = 500;

/** The limits that flags and settings name. */
const namedLimits = (settings: Settings): RunLimits => ({
  steps: settings.continuousLimit ?? null,
  costUsd: settings.maxCost ?? null,
  tokens: settings.maxTokens ?? null,
  seconds: settings.maxTime ?? null,
});

const isNone = ({ steps, costUsd, tokens, seconds }: RunLimits): boolean =>
  [steps, costUsd, tokens, seconds].every((limit) => limit === null);

/** What the limits of a run depend on. `used`: what its earlier part has used, which a limit by default leaves out of account. */
type Limited = {
  settings: Settings;
  continuous: boolean;
  memoryBackend: Settings["memoryBackend"];
  only: ModelChoice;
  used?: { steps: number; costUsd: number };
};

/** The limits of a new run: those that were named; in continuous mode without any, the one by default. */
export async function newLimits(run: Limited): Promise<RunLimits> {
  const named = namedLimits(run.settings);
  return isNone(named) && run.continuous ? limitByDefault(run, named) : named;
}

/**
 * The limits of a run that goes on: its own, each replaced by one that is named now. One by default holds only as long as
 * none is named.
 */
export async function resumedLimits(
  run: Limited,
  { limits, steps, spent, start }: Pick<RecordedRun, "limits" | "steps" | "spent" | "start">,
): Promise<RunLimits> {
  const given = namedLimits(run.settings);
  // A run that was forked counts its steps from there.
  const named = { ...given, steps: given.steps === null ? null : given.steps + (start.forkedFrom?.step ?? 0) };
  if (isNone(named)) {
    const isOpen = isNone(limits) && run.continuous;
    return isOpen ? limitByDefault({ ...run, used: { steps: steps.length, costUsd: spent.costUsd } }, named) : limits;
  }
  if (limits.byDefault) return named;
  return {
    steps: named.steps ?? limits.steps,
    costUsd: named.costUsd ?? limits.costUsd,
    tokens: named.tokens ?? limits.tokens,
    seconds: named.seconds ?? limits.seconds,
  };
}

async function limitByDefault(
  { settings, memoryBackend, only, used = { steps: 0, costUsd: 0 } }: Limited,
  none: RunLimits,
): Promise<RunLimits> {
  return (await costEndsRuns({ ...settings, memoryBackend }, only))
    ? { ...none, costUsd: inCents(used.costUsd + usualCostUsd), byDefault: true }
    : { ...none, steps: used.steps + usualSteps, byDefault: true };
}

const inCents = (dollars: number): number => Math.ceil(dollars * 100 - 1e-6) / 100;
