import { escapeLine, escapeText } from "../../base/escape.js";
import { commandLine } from "../../base/process/command-line.js";
import { counted, firstCharacters } from "../../base/text.js";
import { costText, endSentence } from "../../console/text/words.js";
import type { StopReason as RunReason } from "../../errors.js";
import type { RunEnd } from "../../history/events.js";
import type { StopReason } from "../protocol.js";

const reasons: Partial<Record<RunReason, StopReason>> = {
  interrupted: "cancelled",
  terminated: "cancelled",
  "limit-steps": "max_turn_requests",
  "limit-cost": "max_turn_requests",
  "limit-time": "max_turn_requests",
  "limit-tokens": "max_tokens",
};

/** Why a turn ended, in the protocol's words: all that a run may end for and goes on after with the next prompt is an ended turn. */
export const stopReasonOf = (reason: RunReason): StopReason => reasons[reason] ?? "end_turn";

/** Ends that are failures: the editor is told so by an error. */
export const isFailure = (reason: RunReason): boolean =>
  reason === "service-failed" || reason === "settings" || reason === "fault";

const longestGoal = 300;

/** A goal may be all that was said in the first prompt. */
const shortGoal = (goal: string): string => {
  const line = escapeLine(goal);
  return line.length > longestGoal ? `${firstCharacters(line, longestGoal).trimEnd()} …` : line;
};

/** What a run came to, as the last message of a turn: the answer, each goal with its verdict, what it cost, and what else there is to say. */
export function endText({ run, reason, goals, usage, steps, answer, message, files }: RunEnd): string {
  const changed = files && [...files.created, ...files.changed];
  const lines = [
    ...(answer ? [answer, ""] : []),
    message ?? endSentence(reason),
    ...(reason === "parked" ? ["What you say next in this session goes on with it."] : []),
    ...goals.map(
      ({ goal, verdict, evidence }) =>
        `- ${verdict}: ${shortGoal(goal)}${evidence ? ` (${escapeLine(evidence)})` : ""}`,
    ),
    ...(changed && changed.length > 0 ? [`Files: ${changed.map(escapeLine).join(", ")}`] : []),
    `${counted(steps, "step")}, ${costText(usage)}${run === null ? "" : `. ${commandLine(`runs show ${run}`)} tells all of it.`}`,
  ];
  return escapeText(lines.join("\n"));
}
