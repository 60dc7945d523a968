import { lineWithSum } from "../../storage/line-sum.js";
import type { JournalEvent } from "../events.js";

/** Events that say where a run works. */
const ofPlaces: ReadonlySet<unknown> = new Set<JournalEvent["type"]>(["run-start", "run-resumed", "run-end"]);

/**
 * A line of a journal, without its newline, as it is for a run that was moved: where an event says in which workspace the run works, and which settings
 * file it has, these are said. What the run has read and said of places stays, as the line does otherwise. Throws SyntaxError for what is no line.
 */
export function movedLine(
  line: string,
  { workspace, settingsFile }: { workspace: string; settingsFile: string },
): string {
  const event = JSON.parse(line) as Record<string, unknown>;
  delete event["sum"];
  const places = { ...("workspace" in event && { workspace }), ...("settingsFile" in event && { settingsFile }) };
  return ofPlaces.has(event["type"]) && Object.keys(places).length > 0 ? lineWithSum({ ...event, ...places }) : line;
}
