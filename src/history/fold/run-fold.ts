import type { ApprovalRule } from "../approval-rule.js";
import type { CommandCall, KeptReasoning, RunLimits } from "../event-parts.js";
import type { OnApproval } from "../events/beginnings.js";
import type { Foreseen } from "../events/foreseen.js";
import { changedBy } from "../events/resumed-start.js";
import type { Bounds } from "../events/taint.js";
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
} from "../events.js";
import { askedAfter, parkedAfter, type ParkedQuestion } from "../questions/parked.js";
import { noServerQuestions, serverQuestionsAfter, type ServerQuestions } from "../questions/server-questions.js";
import type { JournalPosition } from "./position.js";
import { isSettlement, settlesAnswer } from "../open-requests.js";
import { foldUsage, type Held, type RecordedUsage, type UsageState } from "../recorded-usage.js";

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
  /** Where checkpoints of it go on; absent where none are made. */
  position?: JournalPosition;
  /** Length of the journal without a torn last line, in bytes. */
  validBytes: number;
};

type Followed = Omit<RecordedRun, keyof RecordedUsage | "steps" | "lastSeq" | "position" | "validBytes">;

/** What the events of a journal come to so far, without the finished steps themselves; `finished` is how many those are. */
export type FoldState = { run: Followed; finished: number; lastSeq: number; usage: UsageState };

/** Is given each step as it ends; `replied`: the model's reply to it is in the journal. */
export type AddStep = (step: Step, replied: boolean) => void;

/** Follows a journal, event by event. */
export interface RunFold {
  add(event: JournalEvent): void;
  /** What they come to now; not to be kept while more are added. Throws where there was no first event. */
  state(): FoldState;
  /** The run as it stands, with these steps. */
  run(steps: Step[], validBytes: number): RecordedRun;
}

/** Begins with the first event of a journal, or behind those that made this state, which it then changes. */
export function foldRun(addStep: AddStep, from: FoldState | null = null): RunFold {
  let run = from?.run;
  let { finished, lastSeq } = from ?? { finished: 0, lastSeq: 0 };
  const usage = foldUsage(from?.usage);
  const ended: AddStep = (step, replied) => {
    finished += 1;
    addStep(step, replied);
  };
  const begun = (): Followed => {
    if (run === undefined) throw new Error("A journal has a first event.");
    return run;
  };
  return {
    add(event) {
      run ??= beginningWith(event as JournalEvent & RunStart);
      lastSeq += 1;
      usage.add(event);
      run.parked = parkedAfter(run.parked, event);
      run.asked = askedAfter(run.asked, event);
      run.serverQuestions = serverQuestionsAfter(run.serverQuestions, event);
      follow(run, event, ended);
      if (event.type === "run-end") run.endedAfter = finished;
    },
    state: () => ({ run: begun(), finished, lastSeq, usage: usage.state() }),
    run(steps, validBytes) {
      const { held, ...used } = usage.usage();
      const followed = begun();
      const waiting = followed.waiting && { ...followed.waiting, held };
      return { ...followed, ...used, waiting, steps, lastSeq, validBytes };
    },
  };
}

const beginningWith = (start: JournalEvent & RunStart): Followed => ({
  run: start.run,
  start,
  checkedAtStart: null,
  limits: start.limits,
  continuous: start.continuous,
  onApproval: start.onApproval,
  approve: start.approve ?? [],
  open: null,
  waiting: null,
  allowed: 0,
  parked: null,
  asked: null,
  serverQuestions: noServerQuestions,
  heard: new Set(),
  remembered: new Set(),
  circles: [],
  limitsNear: [],
  lastStep: null,
  contextTainted: [],
  effectsStopped: [],
  subagents: [],
  end: null,
  endedAfter: 0,
});

function follow(run: Followed, event: JournalEvent, ended: AddStep): void {
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
      ended({ step, command, outcome, result, text, ...(reasoning && { reasoning }) }, run.open !== null);
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
      break;
    default:
      followFindings(run, event);
  }
}

function goOn(run: Followed, event: RunResumed): void {
  run.start = { ...run.start, ...changedBy(event) };
  run.approve = event.approve ?? run.approve;
  if (!isSameLimits(run.limits, event.limits)) run.lastStep = null;
  run.limits = event.limits;
  run.continuous = event.continuous;
  run.onApproval = event.onApproval ?? run.onApproval;
  run.end = null;
}

export const isSameLimits = (one: RunLimits, other: RunLimits): boolean =>
  (["steps", "costUsd", "tokens", "seconds"] as const).every((limit) => one[limit] === other[limit]);

/** What the program found out about the run on its way. */
function followFindings(run: Followed, event: JournalEvent): void {
  if (event.type === "circle-found") run.circles.push(event);
  else if (event.type === "limit-near") run.limitsNear.push(event);
  else if (event.type === "context-tainted") run.contextTainted.push(event);
  else if (isSettlement(event) && settlesAnswer(event, run.waiting?.step)) run.waiting = null;
  else if (event.type === "effect-stopped") run.effectsStopped.push(event);
}

const repliedIn = (event: Extract<JournalEvent, { type: "model-replied" }>): OpenStep => ({
  ...{ step: event.step, text: event.text ?? "", reasoning: event.reasoning },
  ...{ cutOff: event.finishReason === "length", started: null },
});

const startedIn = (run: Followed, event: Extract<JournalEvent, { type: "command-start" }>): OpenStep => ({
  ...{ step: event.step, text: run.open?.text ?? "", reasoning: run.open?.reasoning, cutOff: false },
  started: { command: event.command, foreseen: event.foreseen ?? null, bounds: event.bounds },
});
