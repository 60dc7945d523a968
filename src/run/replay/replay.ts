import { escapeLine } from "../../base/escape.js";
import { createMask, maskOfForeign } from "../../base/mask.js";
import { counted } from "../../base/text.js";
import { changedFileLines } from "../../console/report/changed-files.js";
import { stepLine } from "../../console/text/step-line.js";
import { changedBy } from "../../history/changed-files.js";
import type { Step } from "../../history/events.js";
import { differenceLines, firstDifference } from "./difference.js";
import { replayRun, type Replayed, type ReplayRunOptions } from "./replay-run.js";

/** The exit code of a replay that does something otherwise than the recorded run. */
const differs = 8;

/** `autogpt replay`: what it says, and its exit code. Throws SettingsError where there is no record. */
export const replay = (
  options: ReplayRunOptions,
  { json }: { json: boolean },
): Promise<{ text: string; code: number }> =>
  replayRun(options, (replayed) => {
    // A record may hold what became a secret since it was written.
    const mask = createMask(options.secrets);
    return Promise.resolve({
      text: json ? JSON.stringify(maskOfForeign(mask)(jsonOf(replayed))) : mask(linesOf(replayed).join("\n")),
      code: replayed.difference === null ? 0 : differs,
    });
  });

function jsonOf(replayed: Replayed): object {
  const { difference, end, steps, ...facts } = replayed;
  const place = difference?.kind === "request" ? firstDifference(difference.expected, difference.found) : null;
  return {
    ...facts,
    identical: difference === null,
    ...(difference !== null && { difference: { kind: difference.kind, step: difference.step, ...place } }),
    ...(facts.endedAt !== null && { state: stateOf(steps) }),
    ...(end !== null && facts.endedAt === null && { reason: end.reason, ...(end.message && { message: end.message }) }),
  };
}

/** What a run has come to behind some of its steps. */
function stateOf(steps: readonly Step[]): object {
  const { step = 0, command = null, outcome = null, result = null } = steps.at(-1) ?? {};
  return { step, command, outcome, ...(result !== null && { result: result.text }), files: changedBy(steps) };
}

const mostNamed = 10;
const mostSteps = 3;

/** The same for a person: the last steps, and what was changed by then. */
const stateLines = (steps: readonly Step[]): string[] => [
  `The state after step ${steps.length}:`,
  ...steps.slice(-mostSteps).map((step) => stepLine(step)),
  ...changedFileLines(changedBy(steps)).map((line) => `  ${escapeLine(line)}`),
];

/** What a replay found, for a person; what comes from models and pages is escaped. */
export function linesOf(replayed: Replayed): string[] {
  const { run, same, requests, sessions, ofSessions, difference, endedAt, notAsThen, steps } = replayed;
  const files =
    notAsThen.length === 0
      ? []
      : [
          `WARNING: These files are not what they were then, so what is read of them may differ: ${notAsThen
            .slice(0, mostNamed)
            .map(escapeLine)
            .join(", ")}${notAsThen.length > mostNamed ? ` and ${notAsThen.length - mostNamed} others` : ""}`,
        ];
  if (difference !== null)
    return [
      ...files,
      ...differenceLines(difference),
      `${counted(same, "request")} before it were the same, byte for byte.`,
    ];
  const parts = ofSessions > 1 ? ` in ${sessions} of ${counted(ofSessions, "part")}` : "";
  const to = endedAt === null ? "" : ` It was run again up to step ${endedAt}.`;
  return [
    ...files,
    `The run ${run} was run again${parts}: ${same} of ${counted(requests, "request")} made, each the same byte for byte.${to}`,
    ...(endedAt === null ? [] : stateLines(steps)),
  ];
}
