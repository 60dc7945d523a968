import { rm } from "node:fs/promises";
import { runToEnd, type Beginning } from "./agent/run-to-end.js";
import { askUntilClear } from "./console/ask.js";
import { chooseAi } from "./console/choose-ai.js";
import { createInspector } from "./console/debug.js";
import { escapeControls } from "./console/escape.js";
import type { Dialogue } from "./console/first-run.js";
import type { onInterruption } from "./console/interruption.js";
import { openLines, type Lines } from "./console/lines.js";
import { consoleListener, literalCommand } from "./console/listener.js";
import { announce } from "./console/notices.js";
import { createPalette } from "./console/palette.js";
import { recordListener } from "./console/records.js";
import { createScreen, type Screen } from "./console/screen.js";
import { createAgent, type AgentRequest, type Composition } from "./create-agent.js";
import { RunError, SettingsError } from "./errors.js";
import type { GoalEntry, Limits, Listener, RunEnd } from "./history/events.js";
import { createMask } from "./history/mask.js";
import { createRunDirectory, hasBegun, newRunName, runDirectory, runLock } from "./history/runs.js";
import { journalFile } from "./history/run-log.js";
import type { ResumedRun } from "./resume-run.js";
import { wantsColor } from "./settings/color.js";
import { withBudget, type LoadedSettings } from "./settings/load.js";
import { requireKey } from "./settings/require-key.js";
import type { Settings } from "./settings/schema.js";
import { takeLock } from "./storage/lock.js";

export type Program = { version: string; cwd: string; interruption: ReturnType<typeof onInterruption> };

/** What a run is about to be: a new one, or an earlier one that goes on. */
type Plan = Pick<
  AgentRequest,
  "settings" | "ai" | "run" | "workspaceDirectory" | "memoryBackend" | "limits" | "continuous" | "only" | "approve"
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
    announce(plan.settings, screen);
    return await carryOut(program, loaded, plan, screen, lines);
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

async function carryOut(
  program: Program,
  loaded: LoadedSettings,
  plan: Plan,
  screen: Screen,
  lines: Lines,
): Promise<RunEnd> {
  const { interruption } = program;
  const { settings, resumed } = plan;
  const directory = resumed ? runDirectory(settings.home, plan.run) : createRunDirectory(settings.home, plan.run);
  const lock = takeLock(runLock(directory));
  if (!lock.taken)
    throw new SettingsError(`The run ${plan.run} is still going on, in process ${lock.pid}. Stop that one first.`);
  const timer = startTimer(plan, interruption);
  const mask = createMask(loaded.secrets);
  try {
    const composition = await createAgent({
      ...plan,
      cwd: program.cwd,
      secrets: loaded.secrets,
      recorded: resumed?.recorded ?? null,
      listeners: listeners(plan, screen, journalFile(directory)),
      ask: async ({ call }, effect) => {
        if (settings.outputFormat !== "text") screen.note(`NEXT ACTION: ${literalCommand(mask(call))}  (${effect})`);
        return askUntilClear(question(plan.ai.aiName), (text) => lines.ask(text, interruption.signal), screen.note);
      },
      warn: (text) => screen.note(safe(mask(text))),
      inspector: settings.debug ? (memory, count) => createInspector(screen, memory, count, mask) : null,
      signal: interruption.signal,
    });
    const end = await runToEnd({
      agent: composition.agent,
      emit: composition.emit,
      judge: composition.judge,
      requireProof: plan.requireProof,
      earlierMs: resumed?.recorded.durationMs ?? 0,
      beginning: beginningOf(plan, program.version, composition),
    });
    await composition.close();
    return mask(end);
  } finally {
    clearTimeout(timer);
    lock.release();
    if (!(await hasBegun(directory))) await rm(directory, { recursive: true, force: true });
  }
}

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

function listeners({ settings, ai }: Plan, screen: Screen, journal: string): Listener[] {
  const { outputFormat } = settings;
  const palette = createPalette(wantsColor(outputFormat === "text" ? process.stdout : process.stderr));
  const console = consoleListener(screen, { aiName: ai.aiName, journal, palette, quiet: outputFormat !== "text" });
  return outputFormat === "text" ? [console] : [recordListener(outputFormat, process.stdout), console];
}

const question = (aiName: string): string =>
  `Enter 'y' to authorise command, 'y -N' to run N continuous commands, 'n' to exit program, or enter feedback for ${escapeControls(aiName, { newlines: "escape" })}...\nInput: `;

function beginningOf(plan: Plan, version: string, { models }: Composition): Beginning {
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
