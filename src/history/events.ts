import * as z from "zod";
import { count, milliseconds, text, type KeptReasoning } from "./event-parts.js";
import { beginnings } from "./events/beginnings.js";
import { ends } from "./events/ends.js";
import { hookEvents } from "./events/hooks.js";
import { modelEvents } from "./events/model-events.js";
import { taintEvents } from "./events/taint.js";
import { stepEvents } from "./events/step-events.js";

/**
 * Everything a run does, as it happens: type (noun, then verb) → when, and the fields. The types below, what a reader
 * checks, `autogpt schema events` and docs/journal.md are all made from this. A later version may add fields and types.
 */
export const eventSchemas = { ...beginnings, ...modelEvents, ...stepEvents, ...taintEvents, ...hookEvents, ...ends };

type EventSchemas = typeof eventSchemas;
type EventType = keyof EventSchemas;
type EventOf<Type extends EventType> = { [Each in Type]: { type: Each } & z.infer<EventSchemas[Each]> }[Type];

export type RunStart = EventOf<"run-start">;
export type RunResumed = EventOf<"run-resumed">;
/** What else than limits and mode is different from a resume on. */
export type RunChanges = Pick<
  RunResumed,
  "aiRole" | "goals" | "approve" | "mustNot" | "protect" | "settings" | "fixedAnew" | "instructions" | "hooks"
>;
export type RunEnd = EventOf<"run-end">;

/** What the governor and the retries report: written to the journal before the next act. */
export type ModelEvent = EventOf<
  "model-requested" | "model-waiting" | "model-retry" | "model-failed" | "model-replied"
>;

/** What is said to and by a sub-agent, as the journal keeps it. */
export type SubagentEvent = EventOf<"agent-message" | "agent-deleted">;

/** Everything a run does, as it happens. Journal, console and records all read this. */
export type AgentEvent = EventOf<EventType>;

/** A circle that the run was found to walk in, and how often something has been done about it. */
export type CircleFound = Omit<EventOf<"circle-found">, "type">;

/** A limit of which most is used. */
export type LimitNear = Omit<EventOf<"limit-near">, "type">;

/** A source of text that others wrote, which the model has read. */
export type ContextTainted = Omit<EventOf<"context-tainted">, "type">;

/** A command that was not simply let run because of such text. */
export type EffectStopped = Omit<EventOf<"effect-stopped">, "type">;

/** What the goals' checks found before the first step. */
export type GoalsChecked = Omit<EventOf<"goals-checked">, "type">;

/** What every event in the journal has besides its own fields. */
export const envelope = z.object({
  seq: count("Its number, from 1 without gaps"),
  time: z.iso.datetime().describe("When it happened, by the machine's clock, which may be wrong (ISO 8601, UTC)"),
  elapsedMs: milliseconds(
    "How long the run had worked, earlier parts included, by a clock that nobody sets",
  ).exactOptional(),
  together: count(
    "The seq of the last of the events that were brought to the disk together with this one, where it was not the only one",
  ).exactOptional(),
  sum: text("The last field: the CRC-32 of the line's bytes before it, in eight hexadecimal digits").exactOptional(),
});

/** An event as it stands in the journal: numbered from 1 without gaps, time in ISO 8601 (UTC). */
export type JournalEvent = z.infer<typeof envelope> & AgentEvent;

/** One finished step: what the model said (and what it thought before that, where its service wants that back), what it asked for, what came of it. */
export type Step = { text: string; reasoning?: KeptReasoning } & Pick<
  EventOf<"step-end">,
  "step" | "command" | "outcome" | "result"
>;

/** How large a context is; `memories` is how many records it recalls, and `recalled` which, best first. */
export type ContextCounts = Omit<EventOf<"context-built">, "type" | "step">;
