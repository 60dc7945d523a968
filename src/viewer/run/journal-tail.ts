import type { Stats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { isObject, parseJson } from "../../base/json.js";
import { SettingsError } from "../../errors.js";
import type { JournalEvent } from "../../history/events.js";
import { visitLineSpans, type VisitSpan } from "../../storage/json-lines.js";
import { lookAtSum } from "../../storage/line-sum.js";

/** Where a line lies in the journal, in bytes. */
export type Span = { start: number; end: number };

export type TailVisitor = {
  event(event: JournalEvent, span: Span): void;
  /** A whole line that is no event, or does not fit its sum. */
  damaged(line: number): void;
};

/** `part`: there is more to be read at once. `anew`: the file is another one, or shorter, so what was read counts for nothing. */
export type TailState = "same" | "more" | "part" | "anew";

export interface JournalTail {
  /** Visits what has been added since the last time, a megabyte at the most but for a longer line. After `anew` it begins again. */
  read(visitor: TailVisitor): Promise<TailState>;
  /** How much of the file has been read, from 0 to 1. */
  share(): number;
}

/** So much is read before others get their turn. */
const bytesAtOnce = 1 << 20;

/** Of a journal. Throws SettingsError where something else lies there: to open a pipe would wait for somebody who writes into it. */
export async function statFile(file: string): Promise<Stats> {
  const state = await stat(file);
  if (!state.isFile()) throw new SettingsError(`${file} is not a file.`);
  return state;
}

/** Reads a journal while it grows; what it has read once it does not read again. */
export function openTail(file: string): JournalTail {
  let [offset, line, size, inode, seen] = [0, 0, 0, 0, -1];
  let most = bytesAtOnce;
  return {
    share: () => (size === 0 ? 0 : offset / size),
    async read(visitor) {
      const state = await statFile(file);
      const isOther = inode !== 0 && state.ino !== inode;
      ({ size, ino: inode } = state);
      if (size < offset || isOther) {
        [offset, line, seen] = [0, 0, -1];
        return "anew";
      }
      if (size === seen) return "same";
      const to = offset + most;
      const before = line;
      await visitLines(file, offset, to, (bytes, start, end) => {
        line += 1;
        const span = { start: offset, end: offset + end - start };
        offset = span.end + 1;
        visitLine(bytes.subarray(start, end), line, span, visitor);
      });
      // A line that is longer than that is read with more at once.
      most = line === before ? most * 2 : bytesAtOnce;
      if (size > to) return "part";
      seen = size;
      return line > before ? "more" : "same";
    },
  };
}

async function visitLines(file: string, from: number, to: number, visit: VisitSpan): Promise<void> {
  const handle = await open(file, "r");
  try {
    await visitLineSpans(handle, from, visit, to);
  } finally {
    await handle.close();
  }
}

function visitLine(bytes: Buffer, line: number, span: Span, visitor: TailVisitor): void {
  if (bytes.every((byte) => byte === 0x20 || byte === 0x0d)) return;
  const event = eventIn(bytes);
  if (event === null || lookAtSum(bytes) === "wrong") visitor.damaged(line);
  if (event !== null) visitor.event(event, span);
}

/** The event that a line holds; null where it holds none. */
export function eventIn(bytes: Buffer): JournalEvent | null {
  const event = parseJson(bytes.toString("utf8").replace(/^\ufeff/, ""));
  return isEvent(event) ? event : null;
}

const isEvent = (value: unknown): value is JournalEvent =>
  isObject(value) && typeof value["type"] === "string" && typeof value["time"] === "string";

/** So many bytes are read at once, where events lie side by side. */
const mostAtOnce = 1 << 20;

/** The events at these places, which are in the order of the file. */
export async function readSpans(file: string, spans: readonly Span[]): Promise<JournalEvent[]> {
  if (spans.length === 0) return [];
  const handle = await open(file, "r");
  try {
    const events: JournalEvent[] = [];
    for (const [first, ...others] of sideBySide(spans)) {
      const bytes = Buffer.alloc((others.at(-1) ?? first).end - first.start);
      await handle.read(bytes, 0, bytes.length, first.start);
      for (const { start, end } of [first, ...others]) {
        const event = eventIn(bytes.subarray(start - first.start, end - first.start));
        if (event !== null) events.push(event);
      }
    }
    return events;
  } finally {
    await handle.close();
  }
}

/** The places in groups, of each of which the bytes are read in one piece: lines with nothing but a newline between them. */
function sideBySide(spans: readonly Span[]): [Span, ...Span[]][] {
  const groups: [Span, ...Span[]][] = [];
  for (const span of spans) {
    const group = groups.at(-1);
    const isNext = group?.at(-1)?.end === span.start - 1 && span.end - group[0].start <= mostAtOnce;
    if (isNext) group.push(span);
    else groups.push([span]);
  }
  return groups;
}
