import { limitByDefault } from "../../../compose/server.js";
import type { RunLimits } from "../../../history/event-parts.js";
import { allChecks } from "../../../goals/index.js";
import { readAiSettings } from "../../../settings/ai/ai-settings.js";
import { withBudget, type LoadedSettings } from "../../../settings/load.js";

export type Limits = Pick<RunLimits, "steps" | "costUsd" | "tokens" | "seconds">;

/** How long a run may work that takes no limit of steps, and whose model costs nothing. */
const usualSeconds = 3_600;

/**
 * The limits that the user's settings set for every run of this server. Where they name none, there is one all the same:
 * nobody may be looking.
 */
export async function limitsOfSettings(loaded: LoadedSettings): Promise<Limits> {
  const { aiSettingsFile } = loaded.settings;
  const ai = await readAiSettings(aiSettingsFile, allChecks);
  const { settings } = withBudget(loaded, ai?.apiBudget, aiSettingsFile);
  const named: Limits = {
    steps: settings.continuousLimit ?? null,
    costUsd: settings.maxCost ?? null,
    tokens: settings.maxTokens ?? null,
    seconds: settings.maxTime ?? null,
  };
  if (Object.values(named).some((limit) => limit !== null)) return named;
  const only = settings.gpt3only ? "fast" : settings.gpt4only ? "smart" : null;
  const { costUsd, steps } = await limitByDefault({ settings, memoryBackend: settings.memoryBackend, only });
  if (costUsd !== null) return { ...named, costUsd };
  // Steps are counted in continuous mode alone; else an hour stands in for them.
  return settings.continuous ? { ...named, steps } : { ...named, seconds: usualSeconds };
}

/** Of each the lower one: what is asked for takes away from what may be used, and adds nothing. */
export const lowest = (one: Limits, other: Partial<Limits>): Limits => ({
  steps: lower(one.steps, other.steps),
  costUsd: lower(one.costUsd, other.costUsd),
  tokens: lower(one.tokens, other.tokens),
  seconds: lower(one.seconds, other.seconds),
});

const lower = (one: number | null, other: number | null | undefined): number | null =>
  one === null || other === null || other === undefined ? (one ?? other ?? null) : Math.min(one, other);

/** The flags that say so. */
export const limitFlags = ({ steps, costUsd, tokens, seconds }: Limits): string[] => [
  ...flag("--continuous-limit", steps),
  ...flag("--max-cost", costUsd),
  ...flag("--max-tokens", tokens),
  ...flag("--max-time", seconds),
];

const flag = (name: string, value: number | null): string[] => (value === null ? [] : [`${name}=${decimal(value)}`]);

/** Without an exponent, and above nothing. */
const decimal = (value: number): string => (String(value).includes("e") ? value.toFixed(12) : String(value));
