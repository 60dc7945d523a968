import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { isObject } from "../base/json.js";
import { SettingsError } from "../errors.js";
import { lineWithSum } from "../storage/line-sum.js";
import { openJsonLines, readJsonLines } from "../storage/json-lines.js";
import { syncFile } from "../base/files.js";
import { isMissing } from "../base/system-error.js";
import { change, entry } from "./entry.js";

const step = z.int().min(0);
const changes = z.array(change);

/** A line of a run's record of its workspace. */
const line = z.discriminatedUnion("type", [
  /** What lies where a command is about to write; `all`: anywhere, so all of the workspace is known. `step` is its own. */
  z.object({
    type: z.literal("before"),
    step,
    all: z.boolean(),
    paths: z.array(z.object({ path: z.string(), entry: entry.nullable() })),
  }),
  /** All of the workspace, before the first program runs. */
  z.object({ type: z.literal("tree"), step, entries: z.array(z.object({ path: z.string(), entry })) }),
  /** What somebody else changed before this step. */
  z.object({ type: z.literal("outside"), step, changes }),
  /** What a step changed. */
  z.object({ type: z.literal("after"), step, changes }),
  /**
   * The workspace was taken from the state after one step to that after another; `all`: which was the last one of the run. `failed`
   * are paths with which that is still to be done.
   */
  z.object({
    type: z.literal("undo"),
    from: step,
    to: step,
    all: z.literal(true).optional(),
    changes,
    kept: z.array(z.string()),
    failed: z.array(z.string()).optional(),
  }),
]);
export type SnapshotLine = z.infer<typeof line>;

export const snapshotsDirectory = (home: string): string => join(home, "snapshots");
export const packsDirectory = (home: string): string => join(snapshotsDirectory(home), "packs");
export const snapshotDirectory = (home: string, run: string): string => join(snapshotsDirectory(home), "runs", run);
export const snapshotFile = (home: string, run: string): string => join(snapshotDirectory(home, run), "changes.jsonl");
/** What the run remembered in steps that are undone, a record a line. */
export const forgottenFile = (home: string, run: string): string =>
  join(snapshotDirectory(home, run), "forgotten.jsonl");

export type SnapshotLog = {
  append(line: SnapshotLine): void;
  /** Resolves once all lines are on disk. */
  sync(): Promise<void>;
  close(): void;
};

/** The lines that a run has, and where they end; none where it has changed nothing. Throws SettingsError for a damaged file. */
export async function readSnapshotLog(
  home: string,
  run: string,
): Promise<{ lines: SnapshotLine[]; validBytes: number }> {
  const file = snapshotFile(home, run);
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return { lines: [], validBytes: 0 };
  try {
    const { lines, validBytes } = await readJsonLines(file, {
      isSynced: (one) => isObject(one) && (one["type"] === "before" || one["type"] === "undo"),
    });
    return {
      validBytes,
      lines: lines.map((one, index) => {
        const { data, error } = line.safeParse(one);
        if (data) return data;
        throw new SettingsError(`${file}, line ${index + 1}: ${error.issues[0]?.message ?? "it is not one of ours"}.`);
      }),
    };
  } catch (thrown) {
    if (isMissing(thrown)) return { lines: [], validBytes: 0 };
    throw thrown;
  }
}

/** Adds to a run's lines; what follows byte `cutAt` is cut off first. */
export function openSnapshotLog(home: string, run: string, cutAt: number): SnapshotLog {
  mkdirSync(snapshotDirectory(home, run), { recursive: true, mode: 0o700 });
  const file = openJsonLines(snapshotFile(home, run), { cutAt });
  return {
    append: (one) => file.append(lineWithSum(one)),
    sync: () => syncFile(snapshotFile(home, run)),
    close: () => file.close(),
  };
}
