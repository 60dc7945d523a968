import type { ChangedFiles, RecalledNote, Refusal, RunLimits, Totals } from "../history/event-parts.js";
import type { CircleFound, ContextTainted, EffectStopped, JournalEvent } from "../history/events.js";
import type { Preview } from "../history/events/preview.js";
import type { GoalVerdict } from "../history/goals.js";
import type { RunSummary } from "../history/listing/summaries.js";
import type { ServerQuestion } from "../history/questions/server-questions.js";
import type { Spending } from "../history/recorded-usage.js";

/** One step as the list shows it: texts are cut to a line. Times are milliseconds that the run had worked by then. */
export type StepRow = {
  step: number;
  command: string | null;
  /** The beginning of its arguments. */
  brief: string;
  /** Equal where two steps ask for the same with the same arguments, and got the same answer. */
  same: string;
  thought: string;
  result: string;
  /** How far it got: thinking, waiting, running, or the outcome of its end. */
  state: string;
  ok: boolean | null;
  began: number;
  /** How long its command ran; null where none did, or it still does. */
  ranMs: number | null;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  costUsd: number;
  /** The most that was set aside for a request of it. */
  reservedUsd: number;
  /** What of the cost brought no answer: attempts that were repeated, requests that failed. */
  wasteUsd: number;
  retries: number;
  /** Tokens of its context, and how many records of memory were recalled into it. */
  contextTokens: number | null;
  memories: number;
  /** How many files it changed. */
  files: number;
  remembered: boolean;
};

export type GoalView = {
  goal: string;
  guard: boolean;
  checks: readonly string[];
  verdict: string;
  evidence: GoalVerdict | null;
};

/** The question that a run waits with: `parked` in its journal, or `live` at its terminal; without `question` it is answered there alone. */
export type QuestionView = {
  kind: "parked" | "live";
  step: number;
  question: string | null;
  time: string;
  command: { name: string; args: Readonly<Record<string, unknown>> };
  effect: string;
  unconfined: boolean;
  remark: string | null;
  preview: Preview;
};

/** What a server has asked in a call, for which the run has parked. */
export type ServerQuestionView = Pick<
  ServerQuestion,
  "step" | "question" | "time" | "command" | "message" | "schema" | "address"
>;

export type SubagentView = { key: string; name: string; task: string; messages: number; deleted: boolean };

/** A record of memory that was put before the model: how often, how near at its best, and in which steps first and last. */
export type RecordReceipt = {
  id: string;
  source: RecalledNote["source"];
  times: number;
  bestScore: number;
  firstStep: number;
  lastStep: number;
};

/** How many steps memory has kept, how many records it brought in all, and which most often. */
export type Receipts = { remembered: number; recalled: number; records: RecordReceipt[]; moreRecords: number };

/** What is known of a run beside its steps. */
export type Overview = {
  run: string;
  started: string;
  version: string;
  aiName: string;
  aiRole: string;
  workspace: string;
  models: { smart: string; fast: string };
  memory: string;
  continuous: boolean;
  onApproval: string | null;
  forkedFrom: { run: string; step: number } | null;
  /** running, waiting, parked, killed, or the reason of its end; `stateText` is that in words. */
  state: string;
  stateText: string;
  running: boolean;
  endText: string | null;
  exitCode: number | null;
  goals: GoalView[];
  answer: string | null;
  question: QuestionView | null;
  serverQuestions: ServerQuestionView[];
  limits: RunLimits;
  /** `reservedUsd` is set aside for requests under way. */
  money: { settledUsd: number; reservedUsd: number; wasteUsd: number };
  totals: Totals;
  spending: Spending[];
  steps: number;
  durationMs: number;
  files: ChangedFiles;
  refusals: Refusal[];
  circles: Omit<CircleFound, "seq">[];
  tainted: Omit<ContextTainted, "seq">[];
  stopped: Omit<EffectStopped, "seq">[];
  subagents: SubagentView[];
  receipts: Receipts;
  /** What is wrong with the journal. */
  problems: string[];
  /** How much of the journal has been read, from 0 to 1, where that is not all: this was made from its first line and its end. */
  reading: number | null;
};

/** A message of one request as it was sent. */
export type SentMessage = { role: string; content: string };

/** All that is known of one step: its events, what it changed as a unified diff, and the request, where a record of it is kept. */
export type StepDetail = { step: number; events: JournalEvent[]; diff: string; sent: SentMessage[] | null };

/** Where a run of a fleet stands in its store. Other programs may have written it: its texts are data, as those of a journal. */
export type FleetStatus = {
  state: string;
  /** When that began. */
  since: string;
  aiName?: string;
  goals?: readonly string[];
  verdicts?: readonly string[];
  steps: number;
  costUsd: number;
  exitCode?: number;
  reason?: string;
  message?: string;
  /** The worker that has it, or had it last. */
  worker?: string;
};

/**
 * A run of a fleet: `place` is host and port of the store; `stateText` is its state in words; `problem` says why what is shown may not be how
 * the run is now.
 */
export type FleetView = {
  place: string;
  status: FleetStatus | null;
  state: string;
  stateText: string;
  problem: string | null;
};

/** What the server says of a run while somebody looks at it, a JSON line each. */
export type Update =
  | { kind: "overview"; overview: Overview }
  | { kind: "rows"; rows: StepRow[] }
  /** All that is there has been sent; `problems`: what is wrong with a journal that nothing can be shown of. */
  | { kind: "ready"; problems: readonly string[] }
  /** The run is one of a fleet. */
  | { kind: "fleet"; fleet: FleetView }
  | { kind: "anew" }
  | { kind: "alive" };

export type ListedRun = Pick<
  RunSummary,
  "run" | "state" | "aiName" | "goal" | "steps" | "costUsd" | "started" | "durationMs"
> & {
  id: string;
  stateText: string;
  /** Where it is kept, if that is not the folder whose runs are shown. */
  home: string | null;
  /** Of a run of a fleet: who has it, and how many of its goals are proven once it has ended. */
  fleet?: { worker: string | null; proven: number | null; goals: number };
};

/** The runs of a fleet as far as they are known; `problem`: why that may not be all, in a sentence. */
export type ListedFleet = { place: string; runs: ListedRun[]; problem: string | null };

/** What a list of runs shows of one; `id`: its short name. */
export function listed(overview: Overview, id: string): ListedRun {
  const { run, state, stateText, aiName, goals, steps, started, durationMs, money } = overview;
  const goal = goals[0]?.goal ?? null;
  return { run, id, state, stateText, aiName, goal, steps, started, durationMs, costUsd: money.settledUsd, home: null };
}

/**
 * What the page is told when it is opened; `fleet`: host and port of the store of a fleet, where there is one. `data` is a gzip of an ExportedRun for each run, in base64, and `details` one of the details of
 * all steps of each run: so what is shown first need not wait for them.
 */
export type Start =
  | { mode: "live"; runs: readonly string[]; home: string; fleet: string | null }
  | { mode: "file"; runs: readonly string[]; home: string; data: string; details: string };

export type ExportedRun = { overview: Overview; rows: StepRow[] };

/** What the page says to a question; `text`: the reason of a no, or what the AI is told. */
export type AnswerBody = {
  step: number;
  question: string;
  answer: "run" | "deny" | "feedback" | "stop";
  text?: string;
};
