import type { JournalEvent } from "../../../history/events.js";

/** The events of one type, in their order. */
export const ofType = <Type extends JournalEvent["type"]>(
  events: readonly JournalEvent[],
  type: Type,
): Extract<JournalEvent, { type: Type }>[] =>
  events.filter((event): event is Extract<JournalEvent, { type: Type }> => event.type === type);
