import { rm } from "node:fs/promises";
import { join } from "node:path";
import { makeTemporaryFolder } from "../../base/folders/temporary-folder.js";
import { counted } from "../../base/text.js";
import { commandLine } from "../../base/process/command-line.js";
import { readCassette, type Cassette, type RecordedSession } from "../../cassette/read-cassette.js";
import type { Difference } from "../../cassette/replay.js";
import { messageOf, SettingsError, type StopReason } from "../../errors.js";
import type { JournalEvent, RunEnd, Step } from "../../history/events.js";
import { readEvents } from "../../history/read-events.js";
import { runOf } from "../../history/read-run.js";
import { cassetteFile, journalFile } from "../../history/run-log.js";
import { runDirectory } from "../../history/runs.js";
import type { Settings } from "../../settings/schema.js";
import { DamagedLineError } from "../../storage/json-lines.js";
import { historyOf } from "../../snapshots/history.js";
import { packsDirectory, readSnapshotLog } from "../../snapshots/log.js";
import { openObjects } from "../../snapshots/objects.js";
import { copyWorkspace, type Copy, type Kept } from "./copy.js";
import { laterRuns } from "./later-runs.js";
import { refuseStrangeAbout } from "./recorded-about.js";
import { refuseStrangeReadings } from "./recorded-readings.js";
import { inCopy, replaySession, settingsOf } from "./replay-session.js";

export type ReplayRunOptions = {
  home: string;
  run: string;
  version: string;
  secrets: readonly string[];
  /** The last step that is wanted; null: all. */
  until: number | null;
  /** The workspace as it was kept elsewhere; unless given, that of the run as it is now. */
  workspace?: string | undefined;
  signal: AbortSignal;
  warn(text: string): void;
};

/** What a replay found. */
export type Replayed = {
  run: string;
  /** How many requests there are on record, and how many of them were made again with the same bytes. */
  requests: number;
  same: number;
  /** The sessions that were run again, and those on record. */
  sessions: number;
  ofSessions: number;
  difference: Difference | null;
  /** The record ends before the run did, or was wanted only up to a step. */
  endedAt: number | null;
  /** The steps that came to their end. */
  steps: readonly Step[];
  /** Files of the workspace that are not what they were when the run began. */
  notAsThen: readonly string[];
  end: RunEnd | null;
};

/**
 * Runs a run again from its record, in a copy of its workspace, without network. `use` is given the copy before it is removed. Throws
 * SettingsError where there is no record.
 */
export async function replayRun<Result>(
  options: ReplayRunOptions,
  use: (replayed: Replayed, copy: Copy) => Promise<Result>,
): Promise<Result> {
  const { home, run } = options;
  const cassette = await cassetteOf(home, run);
  const folder = await makeTemporaryFolder("replay");
  const copy = copyIn(folder, cassette.sessions[0] as RecordedSession);
  const kept = await openKept(home, run);
  try {
    return await use(await replayAll(options, { cassette, copy, kept }), copy);
  } finally {
    kept?.objects.close();
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** The program's own folder lies in the workspace of the copy where it did so in that of the run: commands may not reach it. */
function copyIn(folder: string, { about }: RecordedSession): Copy {
  const [workspace, home] = [join(folder, "workspace"), join(folder, "home")];
  const given = (about["settings"] as { home?: unknown } | undefined)?.home;
  const inside = typeof given === "string" ? inCopy(about, { workspace }, given) : given;
  return { workspace, home: typeof inside === "string" && inside !== given ? inside : home };
}

/** Throws SettingsError where there is none, or it cannot be read. */
export async function cassetteOf(home: string, run: string): Promise<Cassette> {
  const file = cassetteFile(runDirectory(home, run));
  const journal = `"${commandLine(`runs show ${run}`)}" shows what its journal has.`;
  const cassette = await readCassette(file).catch((thrown: unknown) => {
    const why =
      thrown instanceof DamagedLineError
        ? `${thrown.file}, line ${thrown.line}, ${thrown.problem}.`
        : messageOf(thrown);
    throw new SettingsError(`The record of the run ${run} is damaged, so it cannot be run again: ${why} ${journal}`, {
      cause: thrown,
    });
  });
  for (const session of cassette?.sessions ?? []) {
    refuseStrangeAbout(run, session);
    refuseStrangeReadings(run, session);
  }
  if (cassette !== null && cassette.sessions.length > 0) return cassette;
  throw new SettingsError(
    `The run ${run} has no record that it could be run again from: CASSETTE was off, or an earlier version ran it. ` +
      journal,
  );
}

async function openKept(home: string, run: string): Promise<Kept | null> {
  const { lines } = await readSnapshotLog(home, run).catch(() => ({ lines: [] }));
  if (lines.length === 0) return null;
  return { history: historyOf(lines), objects: await openObjects(packsDirectory(home), run) };
}

type Opened = { cassette: Cassette; copy: Copy; kept: Kept | null };

async function replayAll(options: ReplayRunOptions, { cassette, copy, kept }: Opened): Promise<Replayed> {
  const { home, run, until } = options;
  const { sessions } = cassette;
  const { events } = await readEvents(journalFile(runDirectory(home, run)));
  const [first] = sessions as [RecordedSession];
  const { start, steps } = runOf({ events, validBytes: 0 });
  const last = steps.at(-1)?.step ?? 0;
  if (until !== null && until > last)
    throw new SettingsError(`The run ${run} has ${counted(last, "step")} on record, so there is no step ${until}.`);
  const from = stepsBefore(events, first.seq);
  const workspace = options.workspace ?? start.workspace;
  const later = await laterRuns({ home, run, workspace });
  const notAsThen = await copyWorkspace(
    workspace,
    { copy, settings: settingsOf(first, copy), home, later, kept, steps: steps.length },
    from,
  );
  if (kept === null && hasNoSnapshots(first))
    options.warn(
      "WARNING: SNAPSHOTS was off in this run: its workspace is as it is now and not as it was then, and what its programs changed is not known.",
    );
  const replayed: Replayed = {
    ...{ run, requests: 0, same: 0, sessions: 0, ofSessions: sessions.length, difference: null, endedAt: null },
    ...{ notAsThen, end: null, steps: [] },
  };
  for (const [index, session] of sessions.entries()) {
    const own = events.filter(({ seq }) => seq > session.seq && seq <= (sessions[index + 1]?.seq ?? Infinity));
    const ended = await replaySession({
      ...{ ...options, session, copy, kept },
      journal: events.filter(({ seq }) => seq <= session.seq).map((event) => JSON.stringify(event)),
      isWhole: !cassette.isFull && cameToItsEnd(own),
    });
    replayed.sessions += 1;
    replayed.requests += session.requests.length;
    replayed.same += ended.same;
    replayed.end = ended.runEnd;
    replayed.steps = steps.slice(0, ended.finished);
    replayed.endedAt = ended.end?.kind === "over" ? ended.end.step : ended.end?.kind === "until" ? until : null;
    if (ended.end?.kind === "differs") replayed.difference = ended.end.difference;
    if (ended.end?.kind === "differs" || ended.end?.kind === "until") break;
  }
  return replayed;
}

const hasNoSnapshots = ({ about }: RecordedSession): boolean =>
  (about["settings"] as Partial<Settings> | undefined)?.snapshots === false;

/** How many steps were finished before this event. */
const stepsBefore = (events: readonly JournalEvent[], seq: number): number =>
  Math.max(0, ...events.flatMap((event) => (event.type === "step-end" && event.seq <= seq ? [event.step] : [])));

/** Ends that come from outside, in the middle of whatever is at work. */
const fromOutside: ReadonlySet<StopReason> = new Set(["interrupted", "terminated", "limit-time", "fault"]);

const cameToItsEnd = (events: readonly JournalEvent[]): boolean =>
  events.some((event) => event.type === "run-end" && !fromOutside.has(event.reason));
