import { existsSync } from "node:fs";
import { commandLine } from "../base/process/command-line.js";
import { SettingsError } from "../errors.js";
import { lockHolderOf, runDirectory } from "../history/runs.js";
import type { Settings } from "../settings/schema.js";
import { bytesOf } from "../settings/value-types.js";
import { momentInWords } from "../console/text/words.js";
import { undonePosition } from "../snapshots/position.js";
import { pruneSnapshots, type KnownRuns } from "../snapshots/prune.js";

/** Throws SettingsError where steps of a run are undone: it would go on from what is no longer there. */
export async function refuseUndone(home: string, run: string, steps: number): Promise<void> {
  const position = await undonePosition(home, run);
  if (position === null || position >= steps) return;
  throw new SettingsError(
    `Steps of the run ${run} are undone: its workspace is as it was ${momentInWords(position)}. ` +
      `${commandLine(`undo ${run} --to ${steps}`)} puts them back.`,
  );
}

/** Removes what is kept of old runs. What cannot be removed only takes up room. */
export async function pruneKept({ home, snapshotDays, snapshotLimit }: Settings): Promise<void> {
  const limits = { days: snapshotDays, bytes: bytesOf(snapshotLimit) };
  await pruneSnapshots(home, limits, knownRuns(home)).catch(() => undefined);
}

/** Which runs of a home are going on, and which are gone. */
const knownRuns = (home: string): KnownRuns => ({
  isLive: (run) => lockHolderOf(home, run) !== null,
  isGone: (run) => !existsSync(runDirectory(home, run)),
});
