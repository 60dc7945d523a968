import { runToEnd } from "../agent/run-to-end.js";
import { createObservers } from "./observers.js";
import { askUntilClear } from "../console/input/ask.js";
import { createInspector } from "../console/debug.js";
import { escapeControls, escapeText } from "../base/escape.js";
import type { Dialogue } from "../console/input/first-run.js";
import type { onInterruption } from "../console/interruption.js";
import { openLines } from "../console/input/lines.js";
import { type Lines } from "../console/input/line-source.js";
import { literalCommand } from "../console/listener.js";
import { announce, announceMisspelt } from "../console/notices.js";
import { createScreen, type Screen } from "../console/screen.js";
import { createAgent } from "../compose/agent.js";
import { RunError, SettingsError } from "../errors.js";
import { allCommands } from "../commands/index.js";
import { allChecks } from "../goals/index.js";
import type { RunEnd } from "../history/events.js";
import { createMask } from "../base/mask.js";
import { createRunDirectory, lockRun, runDirectory, removeUnbegun } from "../history/runs.js";
import { journalFile } from "../history/run-log.js";
import { beginningOf, planNew, planResumed, type Plan } from "./plan.js";
import { readAzure } from "../settings/azure.js";
import type { LoadedSettings } from "../settings/load.js";
import { requireKey } from "../settings/require-key.js";
import { longestTimer } from "../base/abort.js";

export type Program = { version: string; cwd: string; interruption: ReturnType<typeof onInterruption> };

/** `autogpt`: settings → agent → run. Resolves to how it ended; throws SettingsError where it cannot begin. */
export async function run(program: Program, loaded: LoadedSettings): Promise<RunEnd> {
  const { interruption } = program;
  const quiet = loaded.settings.outputFormat !== "text";
  const screen = createScreen({ out: process.stdout, err: process.stderr, signal: interruption.signal });
  const lines = openLines(process.stdin, quiet ? process.stderr : process.stdout);
  try {
    const dialogue: Dialogue = {
      ask: (question) => lines.ask(escapeText(question), interruption.signal),
      say: (line) => screen.print(escapeText(line)),
    };
    const { home, resume } = loaded.settings;
    const carryOutPlan = (plan: Plan): Promise<RunEnd> => carryOut(program, loaded, plan, { screen, lines });
    if (resume === undefined) {
      requireKey(loaded.settings);
      const plan = await planNew(loaded, allChecks, dialogue);
      createRunDirectory(home, plan.run);
      return await whileLocked(home, plan.run, () => carryOutPlan(plan));
    }
    const { findRun, readRecordedRun } = await import("./plan.js");
    const name = await findRun(home, resume === true ? null : resume);
    return await whileLocked(home, name, async () => {
      const resumed = await readRecordedRun(home, name);
      if (resumed.completed) return sayAgain(resumed.completed, quiet);
      requireKey(loaded.settings);
      return carryOutPlan(planResumed(loaded, resumed));
    });
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

/** A server may report more than its answer was allowed; what it said is counted, and not passed over in silence. */
function sayOverrun({ limits }: Plan, { usage }: RunEnd, screen: Screen): void {
  if (limits.costUsd === null || usage.costUsd <= limits.costUsd) return;
  screen.note(
    `WARNING: the run cost $${usage.costUsd.toFixed(4)}, more than its limit of $${limits.costUsd}: ` +
      "the model's server reported more tokens than the request allowed.",
  );
}

type Terminal = { screen: Screen; lines: Lines };

async function carryOut(program: Program, loaded: LoadedSettings, plan: Plan, desk: Terminal): Promise<RunEnd> {
  const { interruption } = program;
  const { screen, lines } = desk;
  const { settings, resumed } = plan;
  const { signal } = interruption;
  announceMisspelt(loaded, screen);
  announce({ ...plan, azure: await readAzure(settings) }, loaded.sources, screen);
  const timer = startTimer(plan, interruption);
  const mask = createMask(loaded.secrets);
  const warn = (text: string): void => screen.note(escapeText(mask(text)));
  const journal = journalFile(runDirectory(settings.home, plan.run));
  const observers = createObservers({ ...plan, aiName: plan.ai.aiName, journal, screen, mask, warn, signal });
  try {
    const composition = await createAgent({
      ...plan,
      cwd: program.cwd,
      commands: allCommands,
      checks: allChecks,
      secrets: loaded.secrets,
      recorded: resumed?.recorded ?? null,
      listeners: observers.listeners,
      onText: observers.onText,
      ask: async ({ call }, effect) => {
        if (settings.outputFormat !== "text") screen.note(`NEXT ACTION: ${literalCommand(mask(call))}  (${effect})`);
        return askUntilClear(question(plan.ai.aiName), (text) => lines.ask(text, signal), screen.note);
      },
      warn,
      inspector: settings.debug ? (memory, count) => createInspector(screen, memory, count, mask) : null,
      signal,
    });
    observers.begin(composition.models);
    const end = await runToEnd({
      agent: composition.agent,
      emit: composition.emit,
      judge: (completed) => observers.settle().then(() => composition.judge(completed)),
      requireProof: plan.requireProof,
      earlierMs: resumed?.recorded.durationMs ?? 0,
      beginning: beginningOf(plan, program.version, composition.models),
    });
    await composition.close();
    sayOverrun(plan, end, screen);
    return mask(end);
  } finally {
    clearTimeout(timer);
    await observers.close();
  }
}

/**
 * Works on a run that no other process works on. The lock comes before the journal is read, so that nothing is added to
 * it in between. Throws SettingsError where the run's process still lives. A run that never began leaves nothing behind.
 */
async function whileLocked(home: string, name: string, work: () => Promise<RunEnd>): Promise<RunEnd> {
  const directory = runDirectory(home, name);
  const lock = lockRun(directory);
  if (!lock.taken)
    throw new SettingsError(`The run ${name} is still going on, in process ${lock.pid}. Stop that one first.`);
  try {
    return await work();
  } finally {
    lock.release();
    await removeUnbegun(directory);
  }
}

function startTimer({ limits, resumed }: Plan, interruption: Program["interruption"]): NodeJS.Timeout | undefined {
  if (limits.seconds === null) return undefined;
  const leftMs = limits.seconds * 1000 - (resumed?.recorded.durationMs ?? 0);
  const reason = new RunError(
    "limit-time",
    `The run has used up its ${limits.seconds} seconds. autogpt --resume --max-time goes on with more.`,
  );
  const timer = setTimeout(() => interruption.stop(reason), Math.min(Math.max(leftMs, 0), longestTimer));
  timer.unref();
  return timer;
}

const question = (aiName: string): string =>
  `Enter 'y' to authorise command, 'y -N' to run N continuous commands, 'n' to exit program, or enter feedback for ${escapeControls(aiName, { newlines: "escape" })}...\nInput: `;
