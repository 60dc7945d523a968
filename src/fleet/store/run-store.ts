import { SettingsError } from "../../errors.js";
import type { FileEntry } from "../folder/entry.js";

/** What a run is to be: what was submitted, as the worker starts it. */
export type Order = {
  /** The text of its `ai_settings.yaml`. */
  settings: string;
  /** Flags of the program that the user gave: for a run that begins, and for one that goes on. */
  begin: readonly string[];
  resume: readonly string[];
  /** Runs that have to end well before it begins. */
  after: readonly string[];
  /** Its place in the queue: 1 is the first. */
  priority: number;
  /** What its worker needs to have; sorted. */
  tags: readonly string[];
  /** It does not begin before then, as ISO 8601; absent for at once. */
  at?: string;
};

/** Where a run of the fleet stands; `submitting`: it is being put in. */
export type RunState = "submitting" | "waiting" | "running" | "parked" | "ended" | "cancelled";

/** What is known of a run without reading its journal; costs in US dollars, times as ISO 8601. */
export type RunStatus = {
  state: RunState;
  /** When that began. */
  since: string;
  aiName?: string;
  goals?: readonly string[];
  verdicts?: readonly string[];
  steps: number;
  costUsd: number;
  /** How often its process was killed since the last finished step. */
  kills: number;
  /** What a request would have taken of the fleet's budget that did not fit there, in US dollars: the run waits for it. */
  needsUsd?: number;
  /** How many questions it is parked with that nobody has answered: it waits for that. */
  asks?: number;
  exitCode?: number;
  reason?: string;
  message?: string;
  /** How its model's server failed, where that ended its last part. */
  failure?: string;
  /** The worker that has it, or had it last. */
  worker?: string;
};

/** A change of a run's folder: what lies at a path, null for nothing. */
export type FileChange = readonly [path: string, entry: FileEntry | null];

/** What is kept of a run in one act: all of it, or nothing. */
export type Batch = {
  /** Lines of the journal, the first of them with the number `from`, counted from 1. */
  lines: readonly string[];
  from: number;
  files: readonly FileChange[];
  /** Contents that no file has any more, by their names. */
  dropped: readonly string[];
  status: RunStatus | null;
  /** What the run has cost and may still cost by then, in nano-dollars. */
  nano: number;
};

/**
 * What all runs of the fleet have cost, and what their requests under way may still cost; the most that this may be, null where there is
 * no limit. In nano-dollars.
 */
export type FleetBudget = { spent: number; limit: number | null };

/** All that the store has of a run but the contents of its files. */
export type StoredRun = {
  order: Order;
  status: RunStatus;
  epoch: number;
  lines: string[];
  files: Map<string, FileEntry>;
  /** The names of the contents that are kept. */
  contents: Set<string>;
};

/** What is known of a worker: its name, which says where it is; what it has; how many runs it carries out at a time. */
export type WorkerFacts = { worker: string; tags: readonly string[]; concurrency: number };

/** Where a run stands, how many lines its journal has, and some of them. */
export type FollowedLines = { status: RunStatus; count: number; lines: string[] };

export type ListedRun = { run: string; status: RunStatus; order: Order };

/**
 * Keeps runs where every worker reaches them. A run is worked on under a lease, whose epoch grows with each holder: what comes with an
 * older epoch is refused in the same act in which it would be written. All methods throw StoreDownError where the store is away; what
 * was under way then may have happened, and may be sent again as it was.
 */
export interface RunStore {
  /** The store's address, without secrets. */
  readonly place: string;
  /** What the server is, and in which version. */
  readonly server: string;
  /** What of its settings puts runs at risk, in whole sentences, as it was when the store was opened. */
  readonly warnings: readonly string[];
  /** Whether contents of large files lie at a place of their own. */
  readonly hasArtifacts: boolean;
  /** Adds a run without any lines; false where its name is taken. */
  create(run: string, order: Order, status: RunStatus): Promise<boolean>;
  /**
   * Takes the run for `milliseconds` by the store's clock, and returns the new epoch; `held` where somebody else has it, `missing` where
   * there is no such run.
   */
  acquire(run: string, holder: string, milliseconds: number): Promise<{ epoch: number } | "held" | "missing">;
  /** Holds on to the run; false where it is another's by now, or gone. */
  renew(run: string, epoch: number, milliseconds: number): Promise<boolean>;
  /** Lets go of the run, so that it can be taken at once. */
  release(run: string, epoch: number): Promise<void>;
  /** Keeps contents, by their names (see `contentOf`), for files that `commit` will name. Throws LeaseLostError. */
  put(run: string, epoch: number, contents: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /**
   * Keeps a batch. Lines that are there already, from a call whose answer was lost, are not added twice. Throws LeaseLostError where the
   * epoch is not the run's, or lines do not follow those that are there.
   */
  commit(run: string, epoch: number, batch: Batch): Promise<void>;
  /**
   * Makes what the run has cost and may still cost `nano`, where the budget of the fleet allows it; false, and nothing is changed, where it
   * does not. Throws LeaseLostError.
   */
  reserve(run: string, epoch: number, nano: number): Promise<boolean>;
  budget(): Promise<FleetBudget>;
  /** Limits what all runs may cost, in nano-dollars, what they have cost so far included; null ends that. */
  limitBudget(nano: number | null): Promise<void>;
  /** A text that all workers share, null where there is none, and the time by the store's clock in milliseconds since 1970. */
  shared(name: string): Promise<{ text: string | null; now: number }>;
  /** Replaces it; false where it is another one by now. */
  replaceShared(name: string, before: string | null, after: string): Promise<boolean>;
  /** What the run is to be, and where it stands; null where there is no such run. */
  look(run: string): Promise<Omit<ListedRun, "run"> | null>;
  /** Null where there is no such run. */
  read(run: string): Promise<StoredRun | null>;
  /** The run with `most` lines of its journal, from the one with the number `from` on; null where there is no such run. */
  linesFrom(run: string, from: number, most: number): Promise<FollowedLines | null>;
  /** What lies below this folder of the run's, by its path in the run's folder. */
  filesBelow(run: string, folder: string): Promise<Map<string, FileEntry>>;
  /** Contents by their names, in this order; null for what is not kept. */
  contents(run: string, names: readonly string[]): Promise<(Buffer | null)[]>;
  /** Writes a status that no worker writes, unless the run is being worked on; false there, or where it is missing. */
  setStatus(run: string, status: RunStatus): Promise<boolean>;
  /** Asks whoever works on the run to end it, or takes the request back. */
  askToEnd(run: string, asked: boolean): Promise<void>;
  isAskedToEnd(run: string): Promise<boolean>;
  list(): Promise<ListedRun[]>;
  /** Says that a worker is there, for so many milliseconds by the store's clock. */
  announce(facts: WorkerFacts, milliseconds: number): Promise<void>;
  /** Says that it is gone. */
  withdraw(worker: string): Promise<void>;
  /** The workers that are there. */
  workers(): Promise<WorkerFacts[]>;
  /** Removes all that is kept of a run. */
  remove(run: string): Promise<void>;
  close(): Promise<void>;
}

/** The store does not answer, or takes nothing now; that may pass. */
export class StoreDownError extends SettingsError {}

/** Another worker has the run by now, or it is gone: nothing more may be done for it. */
export class LeaseLostError extends Error {
  constructor(run: string) {
    super(`The run ${run} is another worker's by now, or was removed: this one does nothing more for it.`);
    this.name = "LeaseLostError";
  }
}
