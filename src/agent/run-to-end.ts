import { commandLine } from "../base/process/command-line.js";
import { untilAborted } from "../base/abort.js";
import {
  BudgetError,
  mayPass,
  messageOf,
  ModelError,
  ParkedError,
  RunError,
  type ModelFailure,
  type StopReason,
} from "../errors.js";
import { answerOf, changedBy, refusalsIn } from "../history/changed-files.js";
import type { Emit } from "../history/emit.js";
import type { RunLimits } from "../history/event-parts.js";
import type { GoalVerdict } from "../history/goals.js";
import type { RunChanges, RunEnd, RunResumed, RunStart, Step } from "../history/events.js";
import type { InterruptedStep } from "../history/resume.js";
import { settleInterrupted } from "./acting/interrupted.js";
import { createStepMemory } from "./remember.js";
import { runAgent, type Agent, type Thought } from "./run-agent.js";
import { exitCodeOf, reasonForFailure } from "./stop.js";

export type Beginning =
  | { kind: "new"; start: RunStart }
  | {
      kind: "resumed";
      limits: RunLimits;
      continuous: boolean;
      /** What becomes of a command that takes the user's own yes, where that was said. */
      onApproval?: RunResumed["onApproval"];
      /** What else is different from here on. */
      changes: RunChanges;
      steps: Step[];
      /** How many of these are those of the run that this one was forked from; usually 0. */
      takenOver: number;
      interrupted: InterruptedStep | null;
      unused: Thought | null;
      stopped: StopReason | null;
      forgotten: readonly Step[];
    };

export type RunOptions = {
  agent: Agent;
  beginning: Beginning;
  emit: Emit;
  /** Carries out the goals' checks; `completed` says that the AI declared its task complete. */
  judge(completed: boolean): Promise<GoalVerdict[]>;
  /** Carries them out before the first step, and journals what was found; does nothing in a run that has steps. */
  checkAtStart?(): Promise<void>;
  requireProof: boolean;
  /** The workspace's absolute path. */
  workspace: string;
  /** How long the run has worked, in milliseconds, earlier parts included. */
  elapsedMs(): number;
  /** Is told of a fault of this program, before only its message is left. */
  onFault?(thrown: unknown): void;
  /** Is aborted where what is waited for can never come: the run ends without it, as a fault, with this reason. */
  abandoned?: AbortSignal;
};

/** Runs an agent from its beginning to its end. Never rejects: whatever happens, the run ends with a run-end record. */
export async function runToEnd(options: RunOptions): Promise<RunEnd> {
  const { beginning } = options;
  const steps = beginning.kind === "resumed" ? beginning.steps : [];
  const before = steps.length;
  const stopped = (): StopReason | null =>
    steps.slice(before).at(-1)?.result.stop ?? (beginning.kind === "resumed" ? beginning.stopped : null);
  const { abandoned = new AbortController().signal } = options;
  const ended = await untilAborted(begin(options, steps), abandoned).then(
    // Only the signal can bring a fault that nothing threw.
    (reason): Ending => ({ reason, message: reason === "fault" ? messageOf(options.agent.signal.reason) : null }),
    (thrown: unknown) => afterFailure(thrown, stopped(), options.onFault),
  );
  const end = await hookedEnd(options, await conclude(options, steps, ended));
  try {
    await options.emit(end);
    return end;
  } catch (thrown) {
    const { message } = reasonForFailure(thrown);
    return { ...end, reason: "fault", exitCode: exitCodeOf("fault"), message };
  }
}

/** The end, once the user's hooks have heard of it; a run that did all else has failed where one failed that is required. */
async function hookedEnd({ agent, abandoned }: RunOptions, end: RunEnd): Promise<RunEnd> {
  if (agent.hooks === null) return end;
  const hearing = agent.hooks.end(end);
  const problem = await (abandoned ? untilAborted(hearing, abandoned) : hearing).catch(() => null);
  if (problem === null) return end;
  if (end.exitCode !== 0) return { ...end, message: end.message === undefined ? problem : `${end.message} ${problem}` };
  return { ...end, reason: "settings", exitCode: exitCodeOf("settings"), message: problem };
}

/** If the last step already ended the run, a later failure (storing the memory, the budget) does not change the reason. */
function afterFailure(thrown: unknown, stopped: StopReason | null, onFault: RunOptions["onFault"]): Ending {
  if (!(thrown instanceof RunError)) onFault?.(thrown);
  if (stopped !== null) return { reason: stopped, message: null };
  const { reason, message } = reasonForFailure(thrown);
  const goOn = howToGoOn(thrown);
  const failure = thrown instanceof ModelError ? { failure: thrown.kind } : {};
  return { reason, message: goOn === null ? message : `${message} ${goOn}`, ...failure };
}

/** How a run that ended with this failure is gone on with; null where there is nothing to say of it. */
function howToGoOn(thrown: unknown): string | null {
  if (thrown instanceof ParkedError) return `To go on then, run "${commandLine("--resume")}".`;
  if (thrown instanceof ModelError && (mayPass(thrown) || thrown.kind === "spent-quota"))
    return `To go on later, run "${commandLine("--resume")}".`;
  const isOwnLimit = thrown instanceof BudgetError && thrown.advice === null;
  const flag = isOwnLimit ? limitFlags[thrown.reason] : undefined;
  return flag === undefined ? null : `To go on, run "${commandLine("--resume")}" with a higher ${flag}.`;
}

const limitFlags: Partial<Record<StopReason, string>> = { "limit-cost": "--max-cost", "limit-tokens": "--max-tokens" };

async function begin({ agent, beginning, emit, checkAtStart }: RunOptions, steps: Step[]): Promise<StopReason> {
  if (beginning.kind === "new") {
    await emit(beginning.start);
    await agent.hooks?.begin({ step: 1, resumed: false });
    await checkAtStart?.();
    return runAgent(agent, steps);
  }
  const { limits, continuous, onApproval, changes, interrupted, unused, stopped, forgotten } = beginning;
  const mode = onApproval === undefined ? {} : { onApproval };
  await emit({ type: "run-resumed", step: steps.length + 1, limits, continuous, ...mode, ...changes });
  await agent.hooks?.begin({ step: steps.length + 1, resumed: true });
  await checkAtStart?.();
  const memory = createStepMemory(agent);
  await memory.makeUpFor(forgotten);
  if (stopped) return stopped;
  if (interrupted) {
    const { step, text, reasoning } = interrupted;
    const acted = await settleInterrupted(agent, interrupted);
    await emit({ type: "step-end", step, ...acted, totals: agent.totals() });
    const { outcome, result, command } = acted;
    const done: Step = { step, text, ...(reasoning && { reasoning }), outcome, result, command };
    steps.push(done);
    await memory.remember(done);
    if (result.stop) return result.stop;
  }
  const last = steps.at(-1);
  if (last) await agent.circles.look(last);
  return runAgent(agent, steps, unused, memory);
}

type Ending = { reason: StopReason; message: string | null; failure?: ModelFailure };

/** Goals that cannot be judged are not reached: a run that would have completed has failed then. */
async function judgeAll(
  { judge, onFault, abandoned }: RunOptions,
  ended: Ending,
): Promise<{ goals: GoalVerdict[]; ending: Ending }> {
  const completed = ended.reason === "task-complete";
  try {
    const judging = judge(completed);
    return { goals: await (abandoned ? untilAborted(judging, abandoned) : judging), ending: ended };
  } catch (thrown) {
    if (!(thrown instanceof RunError)) onFault?.(thrown);
    return { goals: [], ending: completed ? reasonForFailure(thrown) : ended };
  }
}

async function conclude(options: RunOptions, steps: readonly Step[], before: Ending): Promise<RunEnd> {
  const { agent, requireProof, workspace, elapsedMs, beginning } = options;
  const own = steps.slice(beginning.kind === "resumed" ? beginning.takenOver : 0);
  const { goals, ending: ended } = await judgeAll(options, before);
  // The checks are run once more at the end: what does not hold now was not achieved.
  const undone = ended.reason === "task-complete" && goals.some(({ verdict }) => verdict === "failed");
  const reason = undone ? "blocked" : ended.reason;
  const unproven = requireProof && goals.some(({ verdict, guard }) => !guard && verdict !== "proven");
  return {
    type: "run-end",
    run: agent.run,
    reason,
    exitCode: exitCodeOf(reason, unproven),
    steps: steps.length,
    goals,
    usage: agent.totals(),
    durationMs: elapsedMs(),
    answer: answerOf(steps),
    workspace,
    files: changedBy(own),
    refusals: refusalsIn(own),
    ...(ended.message === null ? {} : { message: ended.message }),
    ...(ended.failure === undefined ? {} : { failure: ended.failure }),
  };
}
