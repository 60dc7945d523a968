import { statSync } from "node:fs";
import * as z from "zod";
import { isObject } from "../base/json.js";
import { SettingsError } from "../errors.js";
import { DamagedLineError, visitJsonLines, type LinePlace } from "../storage/json-lines.js";
import type { SyncedTogether } from "../storage/lost-lines.js";
import { isSyncedType } from "./run-log.js";
import { envelope, eventSchemas, type JournalEvent } from "./events.js";

type Schemas = typeof eventSchemas;

/**
 * The fields that resuming needs, by type of event. They are checked as they are declared; all else in an event, and
 * events of other types, may be anything, so that a reader takes what a later version writes.
 */
const needed: { [Type in keyof Schemas]?: readonly (keyof Schemas[Type]["shape"])[] } = {
  "run-start": [
    "format",
    "run",
    "aiName",
    "aiRole",
    "goals",
    "memory",
    "workspace",
    "limits",
    "continuous",
    "onApproval",
    "approve",
    "settingsFile",
    "protect",
    "mustNot",
    "forkedFrom",
    "settings",
    "instructions",
    "hooks",
  ],
  "goals-checked": ["checks", "files"],
  "run-resumed": [
    "limits",
    "continuous",
    "onApproval",
    "aiRole",
    "goals",
    "approve",
    "mustNot",
    "protect",
    "settings",
    "instructions",
    "hooks",
  ],
  "context-built": ["step", "lastBefore"],
  "model-requested": ["step", "purpose", "reservedUsd", "reservedTokens"],
  "model-waiting": ["step", "purpose", "model", "response"],
  "model-replied": ["step", "purpose", "text", "reasoning", "usage", "costUsd", "replaces"],
  "model-retry": ["step", "usage", "costUsd", "replaces"],
  "model-failed": ["step", "usage", "costUsd"],
  "rule-added": ["rule"],
  "command-asked": ["step", "command", "effect", "question", "unconfined", "preview", "remark"],
  "command-parked": ["step", "question", "command", "effect", "unconfined", "preview", "remark"],
  "command-answered": ["step", "question", "answer", "args", "shown", "text", "by"],
  "user-questioned": [
    "step",
    "from",
    "message",
    "fields",
    "address",
    "question",
    "schema",
    "before",
    "parked",
    "reply",
  ],
  "user-answered": ["step", "question", "id", "reply", "by"],
  "answer-given": ["step", "question", "id"],
  "command-start": ["step", "command", "foreseen", "allowed", "bounds"],
  "step-end": ["step", "command", "outcome", "result", "told"],
  "step-remembered": ["step"],
  "circle-found": ["step", "kind", "steps", "text", "rung"],
  "limit-near": ["limit", "of"],
  "context-tainted": ["step", "kind", "from"],
  "effect-stopped": ["step", "command", "reason", "instead"],
  "agent-message": ["key", "role", "text", "name", "task"],
  "agent-deleted": ["key"],
  "run-end": ["reason", "exitCode", "usage"],
};

const shapes = new Map<string, z.ZodType | null>();

/** What an event of this type is checked by, made when a first one is read; null where it may be anything. */
function shapeOf(type: string): z.ZodType | null {
  const known = shapes.get(type);
  if (known !== undefined) return known;
  const made = Object.hasOwn(needed, type) ? partOf(type as keyof Schemas) : null;
  shapes.set(type, made);
  return made;
}
function partOf(type: keyof Schemas): z.ZodType {
  const { shape }: { shape: z.ZodRawShape } = eventSchemas[type];
  const fields = needed[type] ?? [];
  return z.object(Object.fromEntries(Object.entries(shape).filter(([name]) => fields.includes(name as never))));
}

const any = envelope.extend({ type: z.string() });

export type ReadEvents = { events: JournalEvent[]; validBytes: number };

export type ReadEventsOptions = {
  /** This process wrote them, or has read them before, so that their shapes are known. */
  isOwn?: boolean;
  /** What stands before them is known: so many bytes, lines, events and finished steps. */
  behind?: { bytes: number; lines: number; events: number; steps: number } | null;
};

/** The events of a journal, where each stands, and how many lines there are: see visitEvents. */
export async function readEvents(
  file: string,
  options: ReadEventsOptions = {},
): Promise<ReadEvents & { places: LinePlace[]; lines: number }> {
  const events: JournalEvent[] = [];
  const places: LinePlace[] = [];
  const end = await visitEvents(
    file,
    (event, place) => {
      events.push(event);
      places.push(place);
    },
    options,
  );
  return { events, places, ...end };
}

/**
 * Calls `visit` for each event of a journal, of the shape that is built upon, numbered from 1 without gaps, steps in their order; tells where
 * they end, in bytes and lines. Holds one of them at a time. Throws SettingsError, which names file and line, where anything is missing or was changed.
 */
export async function visitEvents(
  file: string,
  visit: (event: JournalEvent, place: LinePlace) => void,
  { isOwn = false, behind = null }: ReadEventsOptions = {},
): Promise<{ validBytes: number; lines: number }> {
  if (!statSync(file).isFile())
    throw new SettingsError(
      `${file} is no file, so there is no journal. Put it back from a backup, or start a new run.`,
    );
  let { steps, events: number } = behind ?? { steps: 0, events: 0 };
  const beforeFirst = number;
  const take = (line: unknown, place: LinePlace): void => {
    number += 1;
    const isKnown = isOwn && isObject(line) && line["seq"] === number;
    const event = isKnown ? (line as JournalEvent) : readEvent(line, number, file);
    if (number === 1 && event.type !== "run-start") throw noStart(file);
    if (event.type === "step-end" && event.step !== ++steps) throw damaged(file, number, "a finished step is missing");
    visit(event, place);
  };
  const end = await visitJsonLines(file, take, {
    isSynced,
    togetherOf,
    behind: behind ?? undefined,
  }).catch((thrown: unknown) => {
    throw thrown instanceof DamagedLineError ? damaged(file, thrown.line, `it ${thrown.problem}`, thrown) : thrown;
  });
  if (behind === null && number === beforeFirst) throw noStart(file);
  return { validBytes: end.validBytes, lines: end.count };
}

const isSynced = (line: unknown): boolean => isObject(line) && isSyncedType(line["type"]);

function togetherOf(line: unknown): SyncedTogether | null {
  if (!isObject(line)) return null;
  const { seq, together } = line;
  return typeof seq === "number" && typeof together === "number" ? { group: together, rest: together - seq } : null;
}

const noStart = (file: string): SettingsError => damaged(file, 1, "it is no run-start event of format 1");

function readEvent(line: unknown, number: number, file: string): JournalEvent {
  const event = any.safeParse(line);
  if (!event.success) throw damaged(file, number, "it is no event of a journal");
  if (event.data.seq !== number)
    throw damaged(file, number, `its seq is ${event.data.seq}: events are missing or were added`);
  const shape = shapeOf(event.data.type)?.safeParse(line);
  const issue = shape?.error?.issues[0];
  if (issue) throw damaged(file, number, `${issue.path.join(".")}: ${issue.message}`);
  return line as JournalEvent;
}

const damaged = (file: string, line: number, problem: string, cause?: unknown): SettingsError =>
  new SettingsError(
    `${file}, line ${line}: ${problem}. The journal is damaged; restore it from a backup, or start a new run.`,
    { cause },
  );
