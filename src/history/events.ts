import type { Mask } from "../base/mask.js";
import type { CommandResult } from "../commands/command.js";
import type { StopReason } from "../errors.js";
import type { Goal } from "../base/goal.js";
import type { GoalVerdict } from "../goals/judge.js";
import type { ModelEvent, Totals } from "../model/model.js";
import type { CommandCall, Thoughts } from "../reply/format.js";
import type { SubagentEvent } from "../subagents/subagents.js";

/**
 * How far a reply got: `ran` (the command started), `not-understood` (no command in it), `not-runnable` (unknown command
 * or wrong arguments), `refused` (not allowed, by a setting or a rule of the user's), `feedback` (the user said something
 * instead of yes), `unfinished` (started, and then the program was killed).
 */
export type Outcome = "ran" | "not-understood" | "not-runnable" | "refused" | "feedback" | "unfinished";

/** One finished step: what the model said, what it asked for, what came of it. */
export type Step = { step: number; text: string; command: CommandCall | null; outcome: Outcome; result: CommandResult };

/** Limits of the whole run; null is no limit. */
export type RunLimits = { steps: number | null; costUsd: number | null; tokens: number | null; seconds: number | null };

/** A goal as it stands in ai_settings.yaml: a plain text, or with its checks. */
export type GoalEntry = string | Goal;

export type RunStart = {
  type: "run-start";
  format: 1;
  run: string;
  version: string;
  aiName: string;
  aiRole: string;
  goals: readonly GoalEntry[];
  model: { smart: string; fast: string };
  /** `--gpt3only` or `--gpt4only`, so that a resumed run keeps it. */
  only: "fast" | "smart" | null;
  memory: string;
  workspace: string;
  limits: RunLimits;
  continuous: boolean;
  /** The user's rules for single commands, so that a resumed run keeps them. */
  approve?: readonly { command: string; pattern: string | null; decision: "always" | "ask" | "never" }[];
  requireProof: boolean;
};

export type RunEnd = {
  type: "run-end";
  run: string | null;
  reason: StopReason;
  exitCode: number;
  steps: number;
  goals: readonly GoalVerdict[];
  usage: Totals;
  durationMs: number;
  /** What went wrong and what to do next, where something did. */
  message?: string;
};

/** One record that was put before the model: how near it was, from 0 to 1, and where it comes from. */
export type RecalledNote = {
  id: string;
  score: number;
  source: { run: string; step: number; kind: string; from?: string };
};

/** How large a context is; `memories` is how many records it recalls, and `recalled` which, best first. */
export type ContextCounts = { tokens: number; messages: number; memories: number; recalled: readonly RecalledNote[] };

/** Everything a run does, as it happens: noun, then verb. Journal, console and records all read this. */
export type AgentEvent =
  | RunStart
  | { type: "run-resumed"; step: number; limits: RunLimits; continuous: boolean }
  | ({ type: "context-built"; step: number } & ContextCounts)
  | ModelEvent
  | { type: "reply-parsed"; step: number; command: CommandCall | null; problem: string | null; thoughts: Thoughts }
  | { type: "command-asked"; step: number; command: CommandCall; effect: string }
  | { type: "command-start"; step: number; command: CommandCall }
  | SubagentEvent
  | ({ type: "step-end"; totals: Totals } & Omit<Step, "text">)
  | { type: "step-remembered"; step: number }
  | RunEnd;

/** An event as it stands in the journal: numbered from 1 without gaps, time in ISO 8601 (UTC). */
export type JournalEvent = { seq: number; time: string } & AgentEvent;

export type Listener = (event: JournalEvent) => void | Promise<void>;
export type Emit = (event: AgentEvent) => Promise<void>;

/**
 * Numbers and dates each event and tells the listeners in order, waiting for each: what the first one (the journal) has
 * not written, nobody else hears. Events of calls that run at the same time keep one order. Rejects when a listener does.
 */
export function createEmitter(nextSeq: number, mask: Mask, listeners: readonly Listener[]): Emit {
  let seq = nextSeq;
  let last: Promise<void> = Promise.resolve();
  const tell = async (event: AgentEvent): Promise<void> => {
    const stamped = { seq, time: new Date().toISOString(), ...mask(event) } as JournalEvent;
    for (const [place, listen] of listeners.entries()) {
      await listen(stamped);
      // What is in the journal has used its number, whatever the other listeners make of it.
      if (place === 0) seq += 1;
    }
  };
  return (event) => {
    const told = last.then(() => tell(event));
    last = told.catch(() => undefined);
    return told;
  };
}

/** Nothing used yet. */
export const emptyTotals = (): Totals => ({
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
  embeddingTokens: 0,
  requests: 0,
  costUsd: 0,
});
