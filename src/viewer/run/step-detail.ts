import { stat } from "node:fs/promises";
import type { Change } from "../../snapshots/entry.js";
import { isObject } from "../../base/json.js";
import type { Mask } from "../../base/mask.js";
import { firstCharacters } from "../../base/text.js";
import { readCassette, requestsOfStep, type Cassette } from "../../cassette/read-cassette.js";
import { cassetteFile } from "../../history/run-log.js";
import { runDirectory } from "../../history/runs.js";
import { unifiedChange } from "../../snapshots/unified-change.js";
import { historyOf } from "../../snapshots/history.js";
import { packsDirectory, readSnapshotLog, snapshotFile } from "../../snapshots/log.js";
import { netChanges } from "../../snapshots/net-changes.js";
import { openObjects } from "../../snapshots/objects.js";
import type { SentMessage, StepDetail } from "../shapes.js";
import type { FollowedRun } from "./follow-run.js";

/** More of a diff is not shown at once. */
const mostDiff = 4 << 20;

export type DetailPlace = { home: string; run: string; mask: Mask };

/** Finds all that is known of a step: what is not kept is missing, whatever the reason. Takes no lock: a run that goes on adds to its files. */
export function createDetails(
  followed: Pick<FollowedRun, "eventsOf">,
  { home, run, mask }: DetailPlace,
): (step: number) => Promise<StepDetail> {
  const history = whileUnchanged(snapshotFile(home, run), async () =>
    historyOf((await readSnapshotLog(home, run)).lines),
  );
  const file = cassetteFile(runDirectory(home, run));
  const cassette = whileUnchanged(file, () => readCassette(file));
  return async (step) => {
    const events = (await followed.eventsOf({ step })).map(withoutHugeTexts);
    const diff = await history()
      .then((known) => diffOf(netChanges(known, step), home, run))
      .catch(() => "");
    const sent = await cassette()
      .then((known) => withoutHugeTexts(sentIn(known, step)))
      .catch(() => null);
    return { step, events, diff: mask(diff), sent };
  };
}

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
async function diffOf(changes: readonly Change[], home: string, run: string): Promise<string> {
  if (changes.length === 0) return "";
  const objects = await openObjects(packsDirectory(home), run);
  try {
    const parts: string[] = [];
    let size = 0;
    for (const change of changes) {
      if (size > mostDiff) break;
      const part = await unifiedChange(change, objects);
      parts.push(part);
      size += part.length;
    }
    return parts.join("");
  } finally {
    objects.close();
  }
}

/** The messages of the step's own request, as they were sent; null where no record is kept of it. */
function sentIn(cassette: Cassette | null, step: number): SentMessage[] | null {
  if (cassette === null) return null;
  const request = requestsOfStep(cassette, step).findLast(({ purpose }) => purpose === "think");
  return request === undefined ? null : messagesIn(request.body);
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
