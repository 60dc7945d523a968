import { escapeLine } from "../../base/escape.js";
import { counted } from "../../base/text.js";
import { differenceLines, firstDifference } from "./difference.js";
import { replayRun, type Replayed, type ReplayRunOptions } from "./replay-run.js";

/** The exit code of a replay that does something otherwise than the recorded run. */
const differs = 8;

/** `autogpt replay`: what it says, and its exit code. Throws SettingsError where there is no record. */
export const replay = (
  options: ReplayRunOptions,
  { json }: { json: boolean },
): Promise<{ text: string; code: number }> =>
  replayRun(options, (replayed) =>
    Promise.resolve({
      text: json ? JSON.stringify(jsonOf(replayed)) : linesOf(replayed).join("\n"),
      code: replayed.difference === null ? 0 : differs,
    }),
  );

function jsonOf(replayed: Replayed): object {
  const { difference, end, ...facts } = replayed;
  const place = difference?.kind === "request" ? firstDifference(difference.expected, difference.found) : null;
  return {
    ...facts,
    identical: difference === null,
    ...(difference !== null && { difference: { kind: difference.kind, step: difference.step, ...place } }),
    ...(end !== null && facts.endedAt === null && { reason: end.reason, ...(end.message && { message: end.message }) }),
  };
}

const mostNamed = 10;

function linesOf(replayed: Replayed): string[] {
  const { run, same, requests, sessions, ofSessions, difference, endedAt, notAsThen } = replayed;
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
  ];
}
