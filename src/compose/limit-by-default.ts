import type { ModelChoice, RunLimits } from "../history/event-parts.js";
import type { Settings } from "../settings/schema.js";
import { costEndsRuns } from "./server.js";

/** What a run that nobody watches may use where nobody named a limit: dollars, or steps where dollars would not end it. */
const usualCostUsd = 3;
const usualSteps = 500;

/** What it depends on. `used`: what the run's earlier part has used, which is left out of account. */
export type Limited = {
  settings: Settings;
  memoryBackend: Settings["memoryBackend"];
  only: ModelChoice;
  used?: { steps: number; costUsd: number };
};

/** The limit of a run for which nobody named one. Throws SettingsError where MODEL_CATALOG cannot be read. */
export async function limitByDefault({
  settings,
  memoryBackend,
  only,
  used = { steps: 0, costUsd: 0 },
}: Limited): Promise<RunLimits> {
  const none = { steps: null, costUsd: null, tokens: null, seconds: null, byDefault: true as const };
  return (await costEndsRuns({ ...settings, memoryBackend }, only))
    ? { ...none, costUsd: inCents(used.costUsd + usualCostUsd) }
    : { ...none, steps: used.steps + usualSteps };
}

const inCents = (dollars: number): number => Math.ceil(dollars * 100 - 1e-6) / 100;
