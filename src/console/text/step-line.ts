import { cleanLine } from "../../base/text.js";
import type { Step } from "../../history/events.js";

const mostShown = 60;

/** How far a step's command got, in a word. */
export function outcomeInWords({ outcome, result }: Pick<Step, "outcome" | "result">): string {
  switch (outcome) {
    case "ran":
      return result.ok ? "ok" : "error";
    case "not-understood":
      return "not understood";
    case "not-runnable":
      return "cannot run";
    case "feedback":
      return "your word";
    default:
      return outcome;
  }
}

/** A command with its first argument, on one line: `write_to_file report.md`. */
export function commandInShort({ command }: Pick<Step, "command">): string {
  if (command === null) return "(no command)";
  const [first] = Object.values(command.args);
  const argument = first === undefined ? "" : typeof first === "string" ? first : JSON.stringify(first);
  return cleanLine(`${command.name} ${argument}`, mostShown);
}

/** A step in one line: its number, its command, and how that ended. */
export const stepLine = (step: Step): string =>
  `  ${String(step.step).padStart(3)}  ${commandInShort(step)}: ${outcomeInWords(step)}`;
