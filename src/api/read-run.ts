import { stat } from "node:fs/promises";
import { messageOf, SettingsError } from "../errors.js";
import type { RunLimits, Totals } from "../history/event-parts.js";
import type { JournalEvent, RunEnd, Step } from "../history/events.js";
import { readEvents } from "../history/read-events.js";
import { runOf, type RecordedRun as Recorded } from "../history/read-run.js";
import { journalFile } from "../history/run-log.js";

/** A run as its journal tells it. */
export type RecordedRun = {
  /** Its name. */
  run: string;
  /** Its first event: who the AI is, its goals, models, workspace. */
  start: Recorded["start"];
  /** Every event, in order. */
  events: readonly JournalEvent[];
  /** The finished steps. */
  steps: readonly Step[];
  /** What it has used, with what was reserved for requests whose end is unknown counted as used. */
  totals: Totals;
  /** How long its processes worked, in milliseconds. */
  durationMs: number;
  limits: RunLimits;
  continuous: boolean;
  /** How each goal was judged at its last end; null where there was none, or it has been resumed since. */
  goals: RunEnd["goals"] | null;
  /** Its last event, if that is its end; null while it runs, and after a crash. */
  end: RunEnd | null;
};

/**
 * Reads what a run has recorded: its folder, or the journal `events.jsonl` itself. It may still be running; nothing is
 * locked or changed. Throws SettingsError where there is no journal, or one that is damaged.
 */
export async function readRun(directoryOrFile: string): Promise<RecordedRun> {
  const read = await readEvents(await journalAt(directoryOrFile));
  const { run, start, steps, spent, durationMs, limits, continuous, end } = runOf(read);
  const goals = end?.goals ?? null;
  return { run, start, events: read.events, steps, totals: spent, durationMs, limits, continuous, goals, end };
}

async function journalAt(path: string): Promise<string> {
  try {
    const file = (await stat(path)).isDirectory() ? journalFile(path) : path;
    await stat(file);
    return file;
  } catch (thrown) {
    throw new SettingsError(`There is no journal at ${path}: ${messageOf(thrown)}.`, { cause: thrown });
  }
}
