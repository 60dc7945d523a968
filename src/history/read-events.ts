import * as z from "zod";
import { SettingsError } from "../errors.js";
import { readJsonLines } from "../storage/json-lines.js";
import type { JournalEvent } from "./events.js";

const step = z.int().min(0);
const amount = z.number().min(0);
const usage = z.looseObject({ promptTokens: amount, cachedTokens: amount, completionTokens: amount });
const totals = usage.extend({ embeddingTokens: amount, requests: amount, costUsd: amount });
const limit = amount.nullable();
const limits = z.looseObject({ steps: limit, costUsd: limit, tokens: limit, seconds: limit });
const command = z.looseObject({ name: z.string(), args: z.record(z.string(), z.unknown()) });
const check = z.looseObject({});
const goal = z.union([z.string(), z.looseObject({ goal: z.string(), checks: z.array(check) })]);
const stops = z.enum(["task-complete", "user-stopped"]);
const result = z.looseObject({ ok: z.boolean(), text: z.string(), stop: stops.optional() });
const rule = z.looseObject({
  command: z.string(),
  pattern: z.string().nullable(),
  decision: z.enum(["always", "ask", "never"]),
});
const settled = { step, usage, costUsd: amount };

/** What is built upon when a run is read back; everything else in an event, and events of other types, may be anything. */
const shapes: Record<string, z.ZodType> = {
  "run-start": z.looseObject({
    format: z.literal(1),
    run: z.string(),
    aiName: z.string().min(1),
    aiRole: z.string(),
    goals: z.array(goal).min(1),
    memory: z.enum(["local", "redis", "pinecone", "no_memory"]),
    workspace: z.string().min(1),
    limits,
    continuous: z.boolean(),
    approve: z.array(rule).optional(),
  }),
  "run-resumed": z.looseObject({ limits, continuous: z.boolean() }),
  "model-requested": z.looseObject({ step, purpose: z.string(), reservedUsd: amount, reservedTokens: amount }),
  "model-replied": z.looseObject({ ...settled, purpose: z.string(), text: z.string().optional() }),
  "model-retry": z.looseObject(settled),
  "model-failed": z.looseObject(settled),
  "command-start": z.looseObject({ step, command }),
  "step-end": z.looseObject({
    step,
    command: command.nullable(),
    outcome: z.enum(["ran", "not-understood", "not-runnable", "refused", "feedback", "unfinished"]),
    result,
  }),
  "step-remembered": z.looseObject({ step }),
  "agent-message": z.looseObject({ key: z.string(), role: z.enum(["user", "assistant"]), text: z.string() }),
  "agent-deleted": z.looseObject({ key: z.string() }),
  "run-end": z.looseObject({ reason: z.string(), exitCode: z.int(), usage: totals }),
};
const any = z.looseObject({ seq: z.int(), time: z.iso.datetime(), type: z.string() });

export type ReadEvents = { events: JournalEvent[]; validBytes: number };

/**
 * The events of a journal, each of the shape that is built upon, numbered from 1 without gaps, steps in their order.
 * Throws SettingsError, which names file and line, where anything is missing or was changed.
 */
export async function readEvents(file: string): Promise<ReadEvents> {
  const { lines, validBytes } = await readJsonLines(file);
  let steps = 0;
  const events = lines.map((line, index) => {
    const event = readEvent(line, index + 1, file);
    if (event.type === "step-end" && event.step !== ++steps)
      throw damaged(file, index + 1, "a finished step is missing");
    return event;
  });
  if (events[0]?.type === "run-start") return { events, validBytes };
  throw damaged(file, 1, "it is no run-start event of format 1");
}

function readEvent(line: unknown, number: number, file: string): JournalEvent {
  const event = any.safeParse(line);
  if (!event.success) throw damaged(file, number, "it is no event of a journal");
  if (event.data.seq !== number)
    throw damaged(file, number, `its seq is ${event.data.seq}: events are missing or were added`);
  const shape = shapes[event.data.type]?.safeParse(line);
  const issue = shape?.error?.issues[0];
  if (issue) throw damaged(file, number, `${issue.path.join(".")}: ${issue.message}`);
  return line as JournalEvent;
}

const damaged = (file: string, line: number, problem: string): SettingsError =>
  new SettingsError(
    `${file}, line ${line}: ${problem}. The journal is damaged; restore it from a backup, or start a new run.`,
  );
