import { isDeepStrictEqual } from "node:util";
import { cassetteFile } from "../../history/run-log.js";
import { readCassette, type RecordedRequest } from "../../cassette/read-cassette.js";
import { goalOf } from "../../history/goals.js";
import type { ReportedStep, RunReport } from "../../history/report/run-report.js";
import { reportNow } from "../report-now.js";
import { runDirectory } from "../../history/runs.js";
import { firstDifference } from "./difference.js";

/** Where two runs part: in what the model was asked, what it said, what it wanted to do, or what came of that. */
export type Parting = {
  step: number;
  in: "request" | "reply" | "command" | "outcome" | "length";
  place: string;
  first: unknown;
  second: unknown;
};

/** What two runs have in common, and what each came to; `withoutRecord`: those whose requests are not known, so that none are compared. */
export type Comparison = {
  parting: Parting | null;
  sameSteps: number;
  withoutRecord: readonly string[];
  runs: [RunFacts, RunFacts];
};

export type RunFacts = Pick<RunReport, "run" | "state" | "steps" | "costUsd" | "durationMs"> & {
  /** After which step its workspace stands, where later ones were undone since; null where none were. */
  undoneAfter: number | null;
  /** A part of the cost is not known. */
  unpriced: boolean;
  goals: { goal: string; verdict: string }[];
};

type Side = { report: RunReport; requests: readonly RecordedRequest[] };

/** Compares two runs step by step; requests only where both have a record. Throws SettingsError where a journal is damaged. */
export async function compareRuns(home: string, one: string, other: string): Promise<Comparison> {
  const [first, second] = await Promise.all([sideOf(home, one), sideOf(home, other)]);
  const parting = partingOf(first, second);
  const length = Math.min(first.report.reportedSteps.length, second.report.reportedSteps.length);
  return {
    parting,
    sameSteps: parting === null ? length : parting.step - 1,
    withoutRecord: [first, second].flatMap(({ report, requests }) => (requests.length === 0 ? [report.run] : [])),
    runs: [factsOf(first.report), factsOf(second.report)],
  };
}

async function sideOf(home: string, run: string): Promise<Side> {
  const cassette = await readCassette(cassetteFile(runDirectory(home, run))).catch(() => null);
  return {
    report: await reportNow(home, run),
    requests: (cassette?.sessions ?? []).flatMap((session) => session.requests),
  };
}

const factsOf = ({ run, state, steps, costUsd, usage, durationMs, end, start, undoneAfter }: RunReport): RunFacts => ({
  ...{ run, state, steps, costUsd, unpriced: usage?.unpriced === true, durationMs },
  undoneAfter: undoneAfter !== null && undoneAfter < steps ? undoneAfter : null,
  goals:
    end?.goals.map(({ goal, verdict }) => ({ goal, verdict })) ??
    start.goals.map((goal) => ({ goal: goalOf(goal).goal, verdict: "open" })),
});

function partingOf(first: Side, second: Side): Parting | null {
  const [ours, theirs] = [first.report.reportedSteps, second.report.reportedSteps];
  for (let index = 0; index < Math.max(ours.length, theirs.length); index++) {
    const [one, other] = [ours[index], theirs[index]];
    const step = index + 1;
    const asked = requestsPart(first, second, step, isOwn);
    if (asked !== null) return asked;
    if (one === undefined || other === undefined)
      return { step, in: "length", place: "", first: ours.length, second: theirs.length };
    const parted =
      replyPart(one, other) ??
      requestsPart(first, second, step, (request) => !isOwn(request)) ??
      outcomePart(one, other);
    if (parted !== null) return parted;
  }
  return null;
}

/** Whether it asks what is to be done next, and not for what a command needs. */
const isOwn = ({ purpose }: RecordedRequest): boolean => purpose === "think";

/** Where requests of a step part, in their order; how often one had to be sent counts for nothing. */
function requestsPart(
  first: Side,
  second: Side,
  step: number,
  counts: (request: RecordedRequest) => boolean,
): Parting | null {
  const [ours = [], theirs = []] = [first, second].map(({ requests }) =>
    onceEach(requests.filter((request) => request.step === step && counts(request))),
  );
  for (const [index, one] of ours.entries()) {
    const other = theirs[index];
    if (other === undefined) return null;
    const found = firstDifference(one, other);
    if (found !== null) return { step, in: "request", place: found.place, first: found.expected, second: found.found };
  }
  return null;
}

/** The bodies without those that only repeat the one before. */
const onceEach = (requests: readonly RecordedRequest[]): unknown[] =>
  requests
    .map(({ body }) => withoutClock(body))
    .filter((body, index, all) => index === 0 || !isDeepStrictEqual(body, all[index - 1]));

/** The time that a context tells, and the key that names the run, are never the same in two runs. */
const clock = /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b[^\n]*\d{4}[^\n]*|\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*/g;
const runName = /\b\d{8}-\d{6}-\d{3}-[0-9a-f]{4}\b/g;

const withoutClock = (body: RecordedRequest["body"]): unknown =>
  JSON.parse(
    JSON.stringify(body, (_key, value: unknown) =>
      typeof value === "string" ? value.replace(clock, "(time)").replace(runName, "(run)") : value,
    ),
  );

const replyPart = (one: ReportedStep, other: ReportedStep): Parting | null =>
  partIn("reply", one, other, ({ text }) => text) ?? partIn("command", one, other, ({ command }) => command);

const outcomePart = (one: ReportedStep, other: ReportedStep): Parting | null =>
  partIn("outcome", one, other, ({ outcome, result }) => ({ outcome, text: result.text }));

function partIn(
  where: Parting["in"],
  one: ReportedStep,
  other: ReportedStep,
  of: (step: ReportedStep) => unknown,
): Parting | null {
  const found = firstDifference(of(one), of(other));
  return found && { step: one.step, in: where, place: found.place, first: found.expected, second: found.found };
}
