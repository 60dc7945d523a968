import { stat } from "node:fs/promises";
import type { Change } from "../../snapshots/entry.js";
import { isObject } from "../../base/json.js";
import { firstCharacters } from "../../base/text.js";
import { readCassette, type Cassette, type RecordedRequest } from "../../cassette/read-cassette.js";
import type { JournalEvent } from "../../history/events.js";
import { cassetteFile } from "../../history/run-log.js";
import { runDirectory } from "../../history/runs.js";
import { unifiedChange } from "../../snapshots/unified-change.js";
import { historyOf, type Made } from "../../snapshots/history.js";
import { packsDirectory, readSnapshotLog, snapshotFile } from "../../snapshots/log.js";
import { netChanges } from "../../snapshots/net-changes.js";
import { openObjects, type Objects } from "../../snapshots/objects.js";
import type { SentMessage, StepDetail } from "../shapes.js";

/** More of a diff is not shown at once. */
const mostDiff = 4 << 20;

export type DetailPlace = { home: string; run: string };

/**
 * Finds all that is known of a step, its events by `eventsOf`, with whatever has become a secret since: what is not kept is missing,
 * whatever the reason. Takes no lock: a run that goes on adds to its files.
 */
export function createDetails(
  eventsOf: (step: number) => Promise<readonly JournalEvent[]>,
  { home, run }: DetailPlace,
): (step: number) => Promise<StepDetail> {
  const changes = whileUnchanged(snapshotFile(home, run), async () => ({
    steps: byStep(historyOf((await readSnapshotLog(home, run)).lines).changes),
    objects: await openObjects(packsDirectory(home), run),
  }));
  const file = cassetteFile(runDirectory(home, run));
  const sent = whileUnchanged(file, async () => ownRequests(await readCassette(file)));
  return async (step) => {
    const events = (await eventsOf(step)).map(withoutHugeTexts);
    const diff = await changes()
      .then(({ steps, objects }) => diffOf(netChanges({ changes: steps.get(step) ?? [] }, step), objects))
      .catch(() => "");
    const messages = await sent()
      .then((requests) => requests.get(step))
      .catch(() => undefined);
    return { step, events, diff, sent: messages ? withoutHugeTexts(messagesIn(messages.body)) : null };
  };
}

function byStep(changes: readonly Made[]): Map<number, Made[]> {
  const steps = new Map<number, Made[]>();
  for (const change of changes) {
    const known = steps.get(change.step);
    if (known) known.push(change);
    else steps.set(change.step, [change]);
  }
  return steps;
}

/** The last request of each step's own, by its step. */
const ownRequests = (cassette: Cassette | null): Map<number, RecordedRequest> =>
  new Map(
    (cassette?.sessions ?? [])
      .flatMap(({ requests }) => requests)
      .filter(({ purpose }) => purpose === "think")
      .map((request) => [request.step, request]),
  );

/** More of one text is not shown: a browser would hardly bear it. */
const mostText = 2_000_000;

/** The same with the beginnings of texts that are too long, and how long they are. */
function withoutHugeTexts<Value>(value: Value): Value {
  if (typeof value === "string") return (value.length <= mostText ? value : beginningOf(value)) as Value;
  if (Array.isArray(value)) return value.map(withoutHugeTexts) as Value;
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutHugeTexts(one)])) as Value;
}

const beginningOf = (text: string): string =>
  `${firstCharacters(text, mostText)}\n[the first ${mostText} of ${text.length} characters; the journal has all of them]`;

/** Reads again only where the file has another size. */
function whileUnchanged<Value>(file: string, read: () => Promise<Value>): () => Promise<Value> {
  let known: { size: number; value: Promise<Value> } | null = null;
  return async () => {
    const { size } = await stat(file);
    if (known?.size !== size) known = { size, value: read() };
    return known.value;
  };
}

/** As a unified diff; "" where nothing of it is kept. */
async function diffOf(changes: readonly Change[], objects: Objects): Promise<string> {
  const parts: string[] = [];
  let size = 0;
  for (const change of changes) {
    if (size > mostDiff) break;
    const part = await unifiedChange(change, objects);
    parts.push(part);
    size += part.length;
  }
  return parts.join("");
}

/** Of either protocol: `messages`, or `instructions` and `input`. What is no message is shown as it is. */
function messagesIn({ instructions, messages, input }: Readonly<Record<string, unknown>>): SentMessage[] {
  const before = typeof instructions === "string" ? [{ role: "instructions", content: instructions }] : [];
  const list = Array.isArray(messages) ? messages : Array.isArray(input) ? input : [];
  return [...before, ...list.map(messageIn)];
}

function messageIn(message: unknown): SentMessage {
  if (!isObject(message)) return { role: "", content: JSON.stringify(message) };
  const { role, type, content, ...rest } = message;
  const text = typeof content === "string" ? content : JSON.stringify(content ?? rest, null, 2);
  return { role: String(role ?? type ?? ""), content: text };
}
