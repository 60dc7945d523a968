import { isObject, parseJson } from "../../base/json.js";
import type { JournalEvent } from "../../history/events.js";

/** The events of a journal's lines. The fleet's own programs wrote them; of another version's only what has the known form is looked at. */
export const eventsOf = (lines: readonly string[]): JournalEvent[] =>
  lines.map((line) => parseJson(line)).filter((event): event is JournalEvent => isObject(event));
