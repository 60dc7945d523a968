import { open, stat } from "node:fs/promises";
import { isObject, parseJson } from "../../base/json.js";
import type { JournalEvent } from "../../history/events.js";
import { visitLineSpans } from "../../storage/json-lines.js";
import { lookAtSum } from "../../storage/line-sum.js";

/** Where a line lies in the journal, in bytes. */
export type Span = { start: number; end: number };

export type TailVisitor = {
  event(event: JournalEvent, span: Span): void;
  /** A whole line that is no event, or does not fit its sum. */
  damaged(line: number): void;
};

export interface JournalTail {
  /**
   * Visits what has been added since the last time. `anew`: the file has become shorter, so what was read before counts for
   * nothing, and the next call begins again.
   */
  read(visitor: TailVisitor): Promise<"same" | "more" | "anew">;
}

/** Reads a journal while it grows; what it has read once it does not read again. */
export function openTail(file: string): JournalTail {
  let [offset, line, seen] = [0, 0, -1];
  return {
    async read(visitor) {
      const { size } = await stat(file);
      if (size < offset) {
        [offset, line, seen] = [0, 0, -1];
        return "anew";
      }
      if (size === seen) return "same";
      seen = size;
      const before = line;
      const handle = await open(file, "r");
      try {
        await visitLineSpans(handle, offset, (bytes, start, end) => {
          line += 1;
          const span = { start: offset, end: offset + end - start };
          offset = span.end + 1;
          if (bytes.subarray(start, end).every((byte) => byte === 0x20 || byte === 0x0d)) return;
          const event = parseJson(bytes.toString("utf8", start, end).replace(/^\ufeff/, ""));
          if (!isEvent(event) || lookAtSum(bytes, start, end) === "wrong") visitor.damaged(line);
          if (isEvent(event)) visitor.event(event, span);
        });
      } finally {
        await handle.close();
      }
      return line > before ? "more" : "same";
    },
  };
}

const isEvent = (value: unknown): value is JournalEvent =>
  isObject(value) && typeof value["type"] === "string" && typeof value["time"] === "string";

/** The events at these places. */
export async function readSpans(file: string, spans: readonly Span[]): Promise<JournalEvent[]> {
  const handle = await open(file, "r");
  try {
    const events: JournalEvent[] = [];
    for (const { start, end } of spans) {
      const bytes = Buffer.alloc(end - start);
      await handle.read(bytes, 0, bytes.length, start);
      const event = parseJson(bytes.toString("utf8").replace(/^\ufeff/, ""));
      if (isEvent(event)) events.push(event);
    }
    return events;
  } finally {
    await handle.close();
  }
}
