import { join } from "node:path";
import type { Approve } from "./agent/approve.js";
import { askFor, allowAll, type Permission } from "./agent/approve.js";
import type { Agent } from "./agent/run-agent.js";
import { createThink, type Inspect } from "./agent/think.js";
import type { CommandContext } from "./commands/command.js";
import { allCommands, commandMap } from "./commands/index.js";
import type { PreparedCommand } from "./commands/prepare.js";
import { refuseBrokenPatterns, refuseRunChecks } from "./goals/checks.js";
import { judgeGoals, type Goal, type GoalVerdict } from "./goals/verdict.js";
import { createEmitter, type Emit, type Limits, type Listener } from "./history/events.js";
import { createMask } from "./history/mask.js";
import type { RecordedRun } from "./history/read-run.js";
import { openRunLog } from "./history/run-log.js";
import { runDirectory } from "./history/runs.js";
import { guardMemory } from "./memory/guarded.js";
import type { Memory } from "./memory/memory.js";
import { openMemory } from "./memory/open-memory.js";
import { createModels, type Models } from "./create-models.js";
import { shorten, resultTokens } from "./prompt/history.js";
import { buildSystemPrompt } from "./prompt/system-prompt.js";
import type { Settings } from "./settings/schema.js";
import { createRoster } from "./subagents/roster.js";
import { openWorkspace, type Workspace } from "./workspace/workspace.js";

export type Ai = { aiName: string; aiRole: string; goals: readonly Goal[] };

export type AgentRequest = {
  settings: Settings;
  secrets: readonly string[];
  ai: Ai;
  run: string;
  workspaceDirectory: string;
  memoryBackend: Settings["memoryBackend"];
  limits: Limits;
  continuous: boolean;
  only: "fast" | "smart" | null;
  /** What the journal says of the run's earlier part. */
  recorded: RecordedRun | null;
  /** Who hears of each event once it is in the journal. */
  listeners: readonly Listener[];
  /** Asks the person about a command. */
  ask(command: PreparedCommand): Promise<Permission>;
  /** Says something to the person that is no event: a memory that failed, for example. */
  warn(text: string): void;
  inspector: ((memory: Memory, countTokens: (text: string) => number) => Inspect) | null;
  signal: AbortSignal;
};

export type Composition = {
  agent: Agent;
  emit: Emit;
  models: Models;
  judge(completed: boolean): Promise<GoalVerdict[]>;
  close(): Promise<void>;
};

/** Files of ours that no command may touch, wherever the workspace lies. */
export const forbiddenFiles = (settings: Settings, folder: string): string[] => [
  settings.home,
  settings.aiSettingsFile,
  ...[".env", "azure.yaml"].map((name) => join(folder, name)),
];

/** The workspace of a run; temporary files are kept outside it, in the run's own folder. */
export const workspaceOf = (settings: Settings, root: string, folder: string, temporary: string): Promise<Workspace> =>
  openWorkspace({ root, forbidden: forbiddenFiles(settings, folder), temporaryDirectory: temporary });

/** Puts one agent together. The only place that names concrete parts. Throws SettingsError for what cannot work. */
export async function createAgent(request: AgentRequest): Promise<Composition> {
  const { settings, ai, run, recorded, signal } = request;
  refuseRunChecks(ai.goals);
  refuseBrokenPatterns(ai.goals);
  const directory = runDirectory(settings.home, run);
  const mask = createMask(request.secrets);
  const workspace = await workspaceOf(settings, request.workspaceDirectory, process.cwd(), join(directory, "tmp"));
  const log = openRunLog(directory, recorded?.validBytes);
  const emit = createEmitter((recorded?.lastSeq ?? 0) + 1, mask, [log.listener, ...request.listeners]);
  const models = await createModels({ ...request, spent: recorded?.spent ?? null, emit });
  const memory = masked(
    await openMemory(request.memoryBackend, {
      directory: join(settings.home, "memory"),
      index: settings.memoryIndex,
      aiName: ai.aiName,
      embeddingModel: settings.embeddingModel,
      embed: models.embed,
      warn: request.warn,
    }),
    mask,
  );
  if (settings.wipeMemory) await memory.clear();
  const guarded = guardMemory(memory, request.warn);
  const commands = commandMap(allCommands);
  const judge = (completed: boolean): Promise<GoalVerdict[]> => judgeGoals(workspace, ai.goals, { completed });
  const { counter, contextTokens } = models.smart;
  const roster = createRoster({
    model: models.fast.model,
    emit,
    contextTokens: models.fast.contextTokens,
    answerTokens: models.fast.answerTokens,
    countTokens: (messages) => models.fast.counter.messageTokens(messages),
    ...(recorded ? { history: recorded.roster } : {}),
  });
  const fitting = (text: string): number =>
    counter.fittingLength(text, resultTokens(contextTokens, contextTokens / 10));
  const context: Omit<CommandContext, "step"> = {
    workspace,
    models: { smart: models.smart.model, fast: models.fast.model },
    memory,
    roster,
    run,
    signal,
    fitting,
    checkGoals: async () => completion(await judge(true)),
  };
  const agent: Agent = {
    run,
    commands,
    memory: guarded,
    signal,
    emit,
    limitSteps: request.limits.steps,
    approve: approval(request, emit),
    totals: models.totals,
    contextFor: (step) => ({ ...context, step }),
    presentable: (text) => shorten(mask(text), resultTokens(contextTokens, 0), counter),
    think: createThink({
      ...models.smart,
      memory: guarded,
      run,
      systemPrompt: buildSystemPrompt({
        ...ai,
        goals: ai.goals.map(({ goal }) => goal),
        commands: commands.values(),
        fastModel: models.fast.model.name,
        remembers: request.memoryBackend !== "no_memory",
      }),
      purpose: [ai.aiRole, ...ai.goals.map(({ goal }) => goal)].join("\n"),
      signal,
      emit,
      ...(request.inspector ? { inspect: request.inspector(guarded, (text) => counter.count(text)) } : {}),
    }),
  };
  const close = async (): Promise<void> => {
    await memory.close();
    log.close();
  };
  return { agent, emit, models, judge, close };
}

function approval({ continuous, ask }: AgentRequest, emit: Emit): Approve {
  if (continuous) return allowAll;
  return askFor(async (command, step) => {
    await emit({ type: "command-asked", step, command: command.call, effect: command.effect });
    return ask(command);
  });
}

function completion(verdicts: readonly GoalVerdict[]): { ok: boolean; text: string } {
  const text = verdicts.map(({ goal, evidence }, index) => `Goal ${index + 1} (${goal}): ${evidence ?? "no checks"}`);
  return { ok: verdicts.every(({ verdict }) => verdict !== "failed"), text: text.join("\n") };
}

/** No secret enters memory. */
const masked = (memory: Memory, mask: <Value>(value: Value) => Value): Memory => ({
  ...memory,
  add: (text, source, call) => memory.add(mask(text), source, call),
});
