import { lockHolderOf, runFolders } from "../../history/runs.js";
import type { AnswerBody, FleetStatus } from "../shapes.js";

/** Where the files of a run lie, and what is known of it besides them. */
export interface RunPlace {
  readonly home: string;
  readonly run: string;
  /** Whether somebody works on it now. */
  isWorkedOn(): boolean;
  /** Of a run of a fleet, whose files here are a copy; null for one of a folder. */
  readonly fleet: FleetPlace | null;
}

/** A store that has not answered for so many milliseconds is said to be slow. */
export const slowMs = 3_000;

/** Keeps the copy of a run of a fleet, and says where that run stands. */
export interface FleetPlace {
  /** Where the run stands, as it was heard last, and why that may not be how it is now. */
  heard(): { place: string; status: FleetStatus | null; problem: string | null };
  /** Brings the copy up to date: the journal, or the record and the contents of files as well. Rejects with SettingsError. */
  bring(what: "journal" | "all"): Promise<void>;
  /** Removes the copy. */
  remove(): Promise<void>;
}

export const folderPlace = (home: string, run: string): RunPlace => ({
  ...{ home, run, fleet: null },
  isWorkedOn: () => lockHolderOf(home, run) !== null,
});

/** Runs of a fleet, as its store has them. */
export interface FleetRuns {
  /** Host and port of the store. */
  readonly place: string;
  /** The newest first. Rejects with SettingsError where the store cannot be asked. */
  list(): Promise<FleetRun[]>;
  /** Null where there is no such run; where the store cannot be asked, that is said by `heard`. */
  open(run: string): Promise<RunPlace | null>;
  /** Ends a run, or puts it back into the queue; resolves to a sentence about what was done. Rejects with SettingsError. */
  act(run: string, act: FleetAct): Promise<string>;
  /** Answers what a parked run asks, if it is still that; a feedback is said to it, and it goes on. Resolves and rejects as `act` does. */
  answer(run: string, answer: AnswerBody): Promise<string>;
  /** Says something to a run. Resolves and rejects as `act` does. */
  tell(run: string, text: string): Promise<string>;
}

export type FleetRun = { run: string; status: FleetStatus };
export type FleetAct = "cancel" | "retry";

/**
 * The place of a run in the first of these homes that has it, or else in the fleet; null where there is none. A name from outside is a path
 * only if there is such a run.
 */
export async function findRun(
  run: string,
  { homes, fleet }: { homes: readonly string[]; fleet: FleetRuns | null },
): Promise<RunPlace | null> {
  if (run === "") return null;
  for (const home of homes) if (runFolders(home).includes(run)) return folderPlace(home, run);
  return (await fleet?.open(run)) ?? null;
}
