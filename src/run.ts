import { rm } from "node:fs/promises";
import { runToEnd, type Beginning } from "./agent/run-to-end.js";
import { askUntilClear } from "./console/ask.js";
import { chooseAi } from "./console/choose-ai.js";
import { createCompanions } from "./companions.js";
import { createInspector } from "./console/debug.js";
import { escapeControls } from "./console/escape.js";
import type { Dialogue } from "./console/first-run.js";
import type { onInterruption } from "./console/interruption.js";
import { openLines, type Lines } from "./console/lines.js";
import { literalCommand } from "./console/listener.js";
import { announce, announceMisspelt } from "./console/notices.js";
import { createScreen, type Screen } from "./console/screen.js";
import { createAgent, type AgentRequest, type Composition } from "./create-agent.js";
import { RunError, SettingsError } from "./errors.js";
import type { GoalEntry, Limits, RunEnd } from "./history/events.js";
import { createMask } from "./history/mask.js";
import { createRunDirectory, hasBegun, newRunName, runDirectory, runLock } from "./history/runs.js";
import { journalFile } from "./history/run-log.js";
import type { ResumedRun } from "./resume-run.js";
import { withBudget, type LoadedSettings } from "./settings/load.js";
import { requireKey } from "./settings/require-key.js";
import type { Settings } from "./settings/schema.js";
import { takeLock } from "./storage/lock.js";

export type Program = { version: string; cwd: string; interruption: ReturnType<typeof onInterruption> };

/** What a run is about to be: a new one, or an earlier one that goes on. */
type Plan = Pick<
  AgentRequest,
  "settings" | "ai" | "run" | "workspaceDirectory" | "memoryBackend" | "limits" | "continuous" | "only"
> & {
  resumed: ResumedRun | null;
  requireProof: boolean;
};

/** `autogpt`: settings → agent → run. Resolves to how it ended; throws SettingsError where it cannot begin. */
export async function run(program: Program, loaded: LoadedSettings): Promise<RunEnd> {
  const { interruption } = program;
  const quiet = loaded.settings.outputFormat !== "text";
  const screen = createScreen({ out: process.stdout, err: process.stderr, signal: interruption.signal });
  const lines = openLines(process.stdin, quiet ? process.stderr : process.stdout);
  try {
    requireKey(loaded.settings);
    const dialogue: Dialogue = {
      ask: (question) => lines.ask(safe(question), interruption.signal),
      say: (line) => screen.print(safe(line)),
    };
    const plan = loaded.settings.resume === undefined ? await planNew(loaded, dialogue) : await planResumed(loaded);
    if ("type" in plan) return sayAgain(plan, quiet);
    announceMisspelt(loaded, screen);
    announce(plan.settings, screen);
    return await carryOut(program, loaded, plan, { screen, lines });
  } finally {
    lines.close();
    screen.rest();
  }
}

/** A run that has completed ends as it did before, and says so. */
function sayAgain(end: RunEnd, quiet: boolean): RunEnd {
  if (quiet) process.stdout.write(`${JSON.stringify(end)}\n`);
  const message = `The run ${end.run} is completed, so there is nothing to resume. Without --resume a new one begins.`;
  return { ...end, message };
}

/** Settings files and servers may come from strangers. */
const safe = (text: string): string => escapeControls(text, { newlines: "keep" });

async function planNew(loaded: LoadedSettings, dialogue: Dialogue): Promise<Plan> {
  const { ai, apiBudget } = await chooseAi(loaded.settings, dialogue);
  const { settings } = withBudget(loaded, apiBudget, loaded.settings.aiSettingsFile);
  return {
    settings,
    ai,
    run: newRunName(new Date()),
    workspaceDirectory: settings.workspaceDirectory,
    memoryBackend: settings.memoryBackend,
    limits: limitsOf(settings),
    continuous: settings.continuous,
    only: settings.gpt3only ? "fast" : settings.gpt4only ? "smart" : null,
    resumed: null,
    requireProof: settings.requireProof,
  };
}

async function planResumed(loaded: LoadedSettings): Promise<Plan | RunEnd> {
  const { findRun } = await import("./resume-run.js");
  const { settings, sources } = loaded;
  const resumed = await findRun(settings.home, settings.resume === true ? null : (settings.resume ?? null));
  if (resumed.completed) return resumed.completed;
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

type Desk = { screen: Screen; lines: Lines };

async function carryOut(program: Program, loaded: LoadedSettings, plan: Plan, desk: Desk): Promise<RunEnd> {
  const { interruption } = program;
  const { screen, lines } = desk;
  const { settings, resumed } = plan;
  const directory = resumed ? runDirectory(settings.home, plan.run) : createRunDirectory(settings.home, plan.run);
  const lock = takeLock(runLock(directory));
  if (!lock.taken) throw stillGoingOn(plan.run, lock.pid);
  const timer = startTimer(plan, interruption);
  const mask = createMask(loaded.secrets);
  const warn = (text: string): void => screen.note(safe(mask(text)));
  const { signal } = interruption;
  const seen = { aiName: plan.ai.aiName, journal: journalFile(directory), screen, mask, warn, signal };
  const companions = createCompanions({ ...plan, ...seen });
  try {
    const composition = await createAgent({
      ...plan,
      cwd: program.cwd,
      secrets: loaded.secrets,
      recorded: resumed?.recorded ?? null,
      listeners: companions.listeners,
      onText: companions.onText,
      ask: async ({ call }) => {
        if (settings.outputFormat !== "text") screen.note(`NEXT ACTION: ${literalCommand(mask(call))}`);
        return askUntilClear(question(plan.ai.aiName), (text) => lines.ask(text, signal), screen.note);
      },
      warn,
      inspector: settings.debug ? (memory, count) => createInspector(screen, memory, count, mask) : null,
      signal,
    });
    companions.begin(composition.models);
    const end = await runToEnd({
      agent: composition.agent,
      emit: composition.emit,
      async judge(completed) {
        await companions.settle();
        return composition.judge(completed);
      },
      requireProof: plan.requireProof,
      earlierMs: resumed?.recorded.durationMs ?? 0,
      beginning: beginningOf(plan, program.version, composition),
    });
    await composition.close();
    return mask(end);
  } finally {
    clearTimeout(timer);
    await companions.close();
    lock.release();
    if (!(await hasBegun(directory))) await rm(directory, { recursive: true, force: true });
  }
}

const stillGoingOn = (run: string, pid: number): SettingsError =>
  new SettingsError(`The run ${run} is still going on, in process ${pid}. Stop that one first.`);

function startTimer({ limits, resumed }: Plan, interruption: Program["interruption"]): NodeJS.Timeout | undefined {
  if (limits.seconds === null) return undefined;
  const leftMs = limits.seconds * 1000 - (resumed?.recorded.durationMs ?? 0);
  const reason = new RunError(
    "limit-time",
    `The run has used up its ${limits.seconds} seconds. autogpt --resume --max-time goes on with more.`,
  );
  const timer = setTimeout(() => interruption.stop(reason), Math.min(Math.max(leftMs, 0), 2 ** 31 - 1));
  timer.unref();
  return timer;
}

const question = (aiName: string): string =>
  `Enter 'y' to authorise command, 'y -N' to run N continuous commands, 'n' to exit program, or enter feedback for ${escapeControls(aiName, { newlines: "escape" })}...\nInput: `;

function beginningOf(plan: Plan, version: string, { models }: Composition): Beginning {
  const { ai, limits, continuous, resumed } = plan;
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
      requireProof: plan.requireProof,
    },
  };
}
