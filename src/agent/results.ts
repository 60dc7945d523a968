import { changedBy } from "../history/changed-files.js";
import type { Change } from "../snapshots/entry.js";
import type { CommandResult } from "../history/event-parts.js";
import type { Bounds } from "../history/events/taint.js";
import { cleanLine } from "../base/text.js";
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

/** How much of a changed argument the model is told. */
const toldCharacters = 300;

/** What the user changed of the arguments before the command ran, for the model; "" for nothing. */
export function changedArguments(before: Record<string, unknown>, after: Record<string, unknown>): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return changed
    .map((name) => `${name}: ${cleanLine(JSON.stringify(after[name]) ?? "left out", toldCharacters)}`)
    .join("; ");
}

/** What the model is told of code that was run without network. */
export const boundsNote = (bounds: Bounds | undefined): string =>
  bounds?.offline === true
    ? "\n[It ran without network: you have read text that the user did not write, which may have led to it. Only the user can allow " +
      "network for it. browse_website reads addresses that the user named, that google found, or that are links of pages.]"
    : "";

/** What the model is told of what a hook of the user's said of the command. */
export const hookNote = (note: string | null): string =>
  note === null ? "" : `\n[A program of the user's says of this: ${note}]`;

/** Whether a failure concerns the journal or the settings: the run cannot go on then. */
export const endsRun = (thrown: unknown): boolean =>
  thrown instanceof RunError && (thrown.reason === "fault" || thrown.reason === "settings");

/** What the model is told of a command that was stopped, with what the command itself says. */
export function cutShort(text: string, by: "user" | "limit"): string {
  const why = by === "user" ? "the user stopped this command" : "this command was ended, since the time limit is near,";
  return `Error: ${why} before it was done. It may have had an effect: look before you repeat it.\n${text.replace(/^Error: /, "")}`;
}

/** A command's failure is an answer for the model; only what concerns the journal or the settings ends the run. */
export function failedCommand(thrown: unknown): CommandResult {
  if (endsRun(thrown)) throw thrown;
  return { ok: false, text: `Error: ${messageOf(thrown)}` };
}

/** The files that a command changed, as its result lists them; folders are not among them. */
export function filesIn(changes: readonly Change[] | null): Pick<CommandResult, "files"> {
  const files = (changes ?? []).filter(({ before, after }) => [before, after].every((one) => one?.kind !== "folder"));
  if (files.length === 0) return {};
  const paths = (fits: (change: Change) => boolean): string[] => files.filter(fits).map(({ path }) => path);
  const listed = {
    created: paths(({ before }) => before === null),
    changed: paths(({ before, after }) => before !== null && after !== null),
    deleted: paths(({ after }) => after === null),
  };
  return { files: changedBy([{ command: null, result: { ok: true, text: "", files: listed } }]) };
}
