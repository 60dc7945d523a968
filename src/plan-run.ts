import type { Beginning } from "./agent/run-to-end.js";
import { chooseAi } from "./console/choose-ai.js";
import type { Dialogue } from "./console/first-run.js";
import type { AgentRequest } from "./create-agent.js";
import type { Models } from "./create-models.js";
import type { GoalEntry, Limits } from "./history/events.js";
import { newRunName } from "./history/runs.js";
import type { ResumedRun } from "./resume-run.js";
import { withBudget, type LoadedSettings } from "./settings/load.js";
import type { Settings } from "./settings/schema.js";

/** What a run is about to be: a new one, or an earlier one that goes on. */
export type Plan = Pick<
  AgentRequest,
  "settings" | "ai" | "run" | "workspaceDirectory" | "memoryBackend" | "limits" | "continuous" | "only" | "approve"
> & {
  resumed: ResumedRun | null;
  requireProof: boolean;
};

/** What a new run is to be: asks who the AI is, where that is not settled. */
export async function planNew(loaded: LoadedSettings, dialogue: Dialogue): Promise<Plan> {
  const { ai, apiBudget, approve } = await chooseAi(loaded.settings, dialogue);
  const { settings } = withBudget(loaded, apiBudget, loaded.settings.aiSettingsFile);
  return {
    settings,
    ai,
    run: newRunName(new Date()),
    workspaceDirectory: settings.workspaceDirectory,
    memoryBackend: settings.memoryBackend,
    limits: limitsOf(settings),
    continuous: settings.continuous,
    approve,
    only: settings.gpt3only ? "fast" : settings.gpt4only ? "smart" : null,
    resumed: null,
    requireProof: settings.requireProof,
  };
}

/** How an earlier run goes on: limits and mode come from its journal, flags replace them. */
export function planResumed({ settings, sources }: LoadedSettings, resumed: ResumedRun): Plan {
  const { recorded } = resumed;
  const { start, limits } = recorded;
  const given = limitsOf(settings);
  return {
    settings,
    ai: { aiName: start.aiName, aiRole: start.aiRole, goals: start.goals.map(goalOf) },
    run: recorded.run,
    workspaceDirectory: sources.workspaceDirectory.kind === "default" ? start.workspace : settings.workspaceDirectory,
    memoryBackend:
      sources.memoryBackend.kind === "flag" ? settings.memoryBackend : (start.memory as Settings["memoryBackend"]),
    limits: {
      steps: given.steps ?? limits.steps,
      costUsd: given.costUsd ?? limits.costUsd,
      tokens: given.tokens ?? limits.tokens,
      seconds: given.seconds ?? limits.seconds,
    },
    continuous: settings.continuous || recorded.continuous,
    approve: start.approve ?? [],
    only: settings.gpt3only ? "fast" : settings.gpt4only ? "smart" : start.only,
    resumed,
    requireProof: settings.requireProof || start.requireProof,
  };
}

const limitsOf = (settings: Settings): Limits => ({
  steps: settings.continuousLimit ?? null,
  costUsd: settings.maxCost ?? null,
  tokens: settings.maxTokens ?? null,
  seconds: settings.maxTime ?? null,
});

const goalOf = (entry: GoalEntry): AgentRequest["ai"]["goals"][number] =>
  typeof entry === "string" ? { goal: entry, checks: [] } : entry;

/** The first event of what is planned, and what it goes on from. */
export function beginningOf(plan: Plan, version: string, models: Models): Beginning {
  const { ai, limits, continuous, resumed, approve } = plan;
  if (resumed) {
    const { unusedReply, ...point } = resumed.point;
    const unused = unusedReply === null ? null : { text: unusedReply, cutOff: null };
    return { kind: "resumed", limits, continuous, unused, ...point };
  }
  return {
    kind: "new",
    start: {
      type: "run-start",
      format: 1,
      run: plan.run,
      version,
      aiName: ai.aiName,
      aiRole: ai.aiRole,
      goals: ai.goals.map((goal) => (goal.checks.length === 0 ? goal.goal : goal)),
      model: { smart: models.smart.model.name, fast: models.fast.model.name },
      only: plan.only,
      memory: plan.memoryBackend,
      workspace: plan.workspaceDirectory,
      limits,
      continuous,
      ...(approve.length > 0 ? { approve } : {}),
      requireProof: plan.requireProof,
    },
  };
}
