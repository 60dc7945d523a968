import { join } from "node:path";
import { SettingsError } from "../errors.js";
import type { ApprovalRule } from "./approval-rule.js";
import type { CommandCall, KeptReasoning, RunLimits } from "./event-parts.js";
import type { Foreseen } from "./events/foreseen.js";
import type { Bounds } from "./events/taint.js";
import type { OnApproval } from "./events/beginnings.js";
import type {
  CircleFound,
  ContextTainted,
  EffectStopped,
  GoalsChecked,
  JournalEvent,
  LimitNear,
  RunEnd,
  RunResumed,
  RunStart,
  Step,
  SubagentEvent,
} from "./events.js";
import { changedBy } from "./events/resumed-start.js";
import { askedAfter, parkedAfter, type ParkedQuestion } from "./questions/parked.js";
import { noServerQuestions, serverQuestionsAfter, type ServerQuestions } from "./questions/server-questions.js";
import { readEvents, type ReadEvents } from "./read-events.js";
import { readUsage, type Held, type RecordedUsage } from "./recorded-usage.js";
import { journalFile } from "./run-log.js";

/** A step that was begun and not ended: its reply, whether that was cut off, and the command, if one started. */
export type OpenStep = {
  step: number;
  text: string;
  reasoning: KeptReasoning | undefined;
  cutOff: boolean;
  started: StartedCommand | null;
};

/** A command that started, what it was to leave behind (null where that was not told), and what it was held to. */
export type StartedCommand = { command: CommandCall; foreseen: Foreseen | null; bounds: Bounds | undefined };

/** A run as its journal tells it. */
export type RecordedRun = Omit<RecordedUsage, "held"> & {
  run: string;
  start: RunStart & { time: string };
  /** What the goals' checks found before the first step; null where that is not known. */
  checkedAtStart: GoalsChecked | null;
  limits: RunLimits;
  continuous: boolean;
  /** What becomes of a command that takes the user's own yes, where that was said. */
  onApproval: OnApproval | undefined;
  /** The user's rules for single commands, those that were added on the way included, in their order. */
  approve: readonly ApprovalRule[];
  steps: Step[];
  open: OpenStep | null;
  /** The answer that the server was working on when the run was killed, for a step that has no other. */
  waiting: { step: number; model: string; response: string; held?: Held | null } | null;
  /** How many commands may start without a question, as the person said. */
  allowed: number;
  /** The question for which it has ended, with the answer to it; null where it has asked nothing, or has gone on. */
  parked: ParkedQuestion | null;
  /** The question that it waits with at its terminal, if the process that works on it still lives; null where it asks nothing. */
  asked: ParkedQuestion | null;
  /** What servers have asked when it parked, and which answers to that have not been given to them. */
  serverQuestions: ServerQuestions;
  /** The ids of what was said to it with `autogpt tell` and has been heard. */
  heard: Set<string>;
  /** The steps that are known to be in memory. */
  remembered: Set<number>;
  /** The circles that it was found to walk in. */
  circles: CircleFound[];
  /** The limits that it was warned of. */
  limitsNear: LimitNear[];
  /** The step that was told to be the last before a limit, while the limits are the same. */
  lastStep: { step: number; before: LimitNear["limit"] } | null;
  /** Where text of others came from that it has read. */
  contextTainted: ContextTainted[];
  /** What was not simply let run because of it. */
  effectsStopped: EffectStopped[];
  subagents: SubagentEvent[];
  end: RunEnd | null;
  /** How many steps it had finished when it ended last, before it went on; 0 where it never did. */
  endedAfter: number;
  lastSeq: number;
  /** Length of the journal without a torn last line, in bytes. */
  validBytes: number;
};

/** Rebuilds a run from its journal alone. Throws SettingsError for a journal that is damaged, or none of ours. */
export const readRun = async (runDirectory: string): Promise<RecordedRun> =>
  runOf(await readEvents(journalFile(runDirectory)));

/** The run that the events of a journal tell of. */
export function runOf({ events, validBytes }: ReadEvents): RecordedRun {
  const start = events[0] as JournalEvent & RunStart;
  const { held, ...usage } = readUsage(events);
  const run: RecordedRun = {
    run: start.run,
    start,
    checkedAtStart: null,
    limits: start.limits,
    continuous: start.continuous,
    onApproval: start.onApproval,
    approve: start.approve ?? [],
    steps: [],
    open: null,
    waiting: null,
    allowed: 0,
    parked: null,
    asked: null,
    serverQuestions: noServerQuestions,
    heard: new Set(),
    remembered: new Set(),
    ...usage,
    circles: [],
    limitsNear: [],
    lastStep: null,
    contextTainted: [],
    effectsStopped: [],
    subagents: [],
    end: null,
    endedAfter: 0,
    lastSeq: events.length,
    validBytes,
  };
  for (const event of events) {
    run.parked = parkedAfter(run.parked, event);
    run.asked = askedAfter(run.asked, event);
    run.serverQuestions = serverQuestionsAfter(run.serverQuestions, event);
    follow(run, event);
  }
  if (run.waiting !== null) run.waiting = { ...run.waiting, held };
  return run;
}

/** The run of this name in `runsDirectory`. Throws SettingsError too where the journal is that of another run, as in a copied folder. */
export async function readRunNamed(runsDirectory: string, name: string): Promise<RecordedRun> {
  const recorded = await readRun(join(runsDirectory, name));
  if (recorded.run === name) return recorded;
  throw new SettingsError(
    `${journalFile(join(runsDirectory, name))} is the journal of the run ${JSON.stringify(recorded.run)}, not of ` +
      `${JSON.stringify(name)}. A run's folder bears its name: give the folder that name, or take the copy out of ${runsDirectory}.`,
  );
}

function follow(run: RecordedRun, event: JournalEvent): void {
  switch (event.type) {
    case "goals-checked":
      run.checkedAtStart = event;
      break;
    case "run-resumed":
      goOn(run, event);
      break;
    case "rule-added":
      run.approve = [event.rule, ...run.approve];
      break;
    case "context-built":
      if (event.lastBefore !== undefined) run.lastStep ??= { step: event.step, before: event.lastBefore };
      break;
    case "model-waiting":
      if (event.purpose === "think") run.waiting = event;
      break;
    case "model-replied":
      if (event.purpose !== "think") break;
      run.waiting = null;
      run.open = repliedIn(event);
      break;
    case "command-start":
      run.open = startedIn(run, event);
      run.allowed = event.allowed ?? 0;
      break;
    case "step-end": {
      const { step, command, outcome, result } = event;
      const { text = "", reasoning } = run.open ?? {};
      run.steps.push({ step, command, outcome, result, text, ...(reasoning && { reasoning }) });
      run.open = null;
      for (const id of event.told ?? []) run.heard.add(id);
      break;
    }
    case "step-remembered":
      run.remembered.add(event.step);
      break;
    case "agent-message":
    case "agent-deleted":
      run.subagents.push(event);
      break;
    case "run-end":
      run.end = event;
      run.endedAfter = run.steps.length;
      break;
    default:
      followFindings(run, event);
  }
}

function goOn(run: RecordedRun, event: RunResumed): void {
  run.start = { ...run.start, ...changedBy(event) };
  run.approve = event.approve ?? run.approve;
  if (!isSameLimits(run.limits, event.limits)) run.lastStep = null;
  run.limits = event.limits;
  run.continuous = event.continuous;
  run.onApproval = event.onApproval ?? run.onApproval;
  run.end = null;
}

/** The limit before which a run has had its last step already, where it goes on under the same limits; else null. */
export function limitReached(
  { start, lastStep, steps, limits }: RecordedRun,
  now: RunLimits,
): LimitNear["limit"] | null {
  if (lastStep === null || steps.length < lastStep.step || !isSameLimits(limits, now)) return null;
  // What a run took over from the one that it was forked from has used nothing of its limits.
  return lastStep.step <= (start.forkedFrom?.step ?? 0) ? null : lastStep.before;
}

const isSameLimits = (one: RunLimits, other: RunLimits): boolean =>
  (["steps", "costUsd", "tokens", "seconds"] as const).every((limit) => one[limit] === other[limit]);

/** What the program found out about the run on its way. */
function followFindings(run: RecordedRun, event: JournalEvent): void {
  if (event.type === "circle-found") run.circles.push(event);
  else if (event.type === "limit-near") run.limitsNear.push(event);
  else if (event.type === "context-tainted") run.contextTainted.push(event);
  else if (event.type === "model-retry" || event.type === "model-failed") run.waiting = null;
  else if (event.type === "effect-stopped") run.effectsStopped.push(event);
}

const repliedIn = (event: Extract<JournalEvent, { type: "model-replied" }>): OpenStep => ({
  ...{ step: event.step, text: event.text ?? "", reasoning: event.reasoning },
  ...{ cutOff: event.finishReason === "length", started: null },
});

const startedIn = (run: RecordedRun, event: Extract<JournalEvent, { type: "command-start" }>): OpenStep => ({
  ...{ step: event.step, text: run.open?.text ?? "", reasoning: run.open?.reasoning, cutOff: false },
  started: { command: event.command, foreseen: event.foreseen ?? null, bounds: event.bounds },
});

/** The runs that a run was forked from, the nearest first, each with the last step that it took over. */
export function originsOf(recorded: Pick<RecordedRun, "start"> | null): readonly { run: string; step: number }[] {
  const { forkedFrom } = recorded?.start ?? {};
  return forkedFrom === undefined ? [] : [forkedFrom, ...(forkedFrom.earlier ?? [])];
}
