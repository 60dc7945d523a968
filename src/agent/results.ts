import type { CommandResult } from "../history/event-parts.js";
import { RunError, messageOf } from "../errors.js";
import type { Step } from "../history/events.js";

/** What came of a reply: the command, if there is one, and its result. */
export type Acted = Pick<Step, "command" | "outcome" | "result">;

/** What the model is told about a reply without a usable command. */
export const notUnderstood = (problem: string): Acted => ({
  outcome: "not-understood",
  command: null,
  result: {
    ok: false,
    text: `Your last reply could not be used, so nothing was executed: ${problem} Respond with one JSON object in the format described above, with one command from the COMMANDS list.`,
  },
});

/** A command's failure is an answer for the model; only what concerns the journal or the settings ends the run. */
export function failedCommand(thrown: unknown): CommandResult {
  if (thrown instanceof RunError && (thrown.reason === "fault" || thrown.reason === "settings")) throw thrown;
  return { ok: false, text: `Error: ${messageOf(thrown)}` };
}
