import type { Batch, FleetBudget, RunStatus, RunStore, StoredRun } from "../store/run-store.js";
import { nanoPerDollar } from "../../history/totals.js";
import { contentOf, contentsOf, type FileEntry, type Part } from "../folder/entry.js";
import { gatherParts } from "../folder/gather-parts.js";
import { scanFolder, type KnownFolder, type ScanOptions } from "../folder/scan.js";
import type { Lease } from "./lease.js";
import { inFleetWords } from "./fleet-words.js";
import { followStatus } from "./status.js";
import { isNotKept } from "./run-folder.js";
import { openSpending } from "./spending.js";
import { eventsOf } from "./stored-events.js";
import { tryUntilLost } from "./try-until-lost.js";

/** Keeps in the store what a run has come to: lines of its journal, and its files as they are then. */
export type Mirror = {
  /** Resolves once all of it is kept. Throws LeaseLostError where the run is not ours any more, and then always. */
  accept(lines: readonly string[]): Promise<void>;
  /**
   * Sets aside what a request may cost at most, in nano-dollars, and resolves to null; to the budget of the fleet where that is too much for
   * it, or where the model's prices are not known and the budget has a limit. Throws as `accept` does.
   */
  reserve(nano: number, priced: boolean): Promise<FleetBudget | null>;
  /** The same as `accept` at the end of this worker's part. */
  finish(change: (status: RunStatus) => RunStatus): Promise<void>;
  /** Writes down how the run has ended where what it has come to cannot be kept: its files stay as they were kept last. */
  abandon(change: (status: RunStatus) => RunStatus): Promise<void>;
  status(): RunStatus;
};

export type MirrorOptions = {
  store: Pick<RunStore, "put" | "commit" | "reserve" | "budget" | "hasArtifacts">;
  lease: Pick<Lease, "run" | "epoch" | "lost">;
  /** The run's folder. */
  root: string;
  stored: Pick<StoredRun, "lines" | "files" | "contents">;
  status: RunStatus;
};

const told = (status: RunStatus, run: string, costUsd: number): RunStatus =>
  withCost(inFleetWords(status, run), costUsd);

/** Nothing else writes to the run's folder while `accept` is at work: its process waits for it. */
export function createMirror({ store, lease, root, stored, status: first }: MirrorOptions): Mirror {
  const { run, epoch, lost } = lease;
  const untilKept = <Result>(act: () => Promise<Result>): Promise<Result> => tryUntilLost(act, run, lost);
  const folder = { root, isLeftOut: isNotKept(run), artifacts: store.hasArtifacts ? epoch : null };
  const files = createKeptFiles(stored, folder, (contents) => untilKept(() => store.put(run, epoch, contents)));
  let [next, status] = [stored.lines.length + 1, first];
  const spending = openSpending(eventsOf(stored.lines));
  let last: Promise<unknown> = Promise.resolve();
  const keep = async (lines: readonly string[], change: (status: RunStatus) => RunStatus): Promise<void> => {
    const changes = await files.changes();
    const events = eventsOf(lines);
    for (const event of events) spending.follow(event);
    const now = told(change(events.reduce(followStatus, status)), run, spending.settled() / nanoPerDollar);
    const rest = { lines, from: next, status: now === status ? null : now, nano: spending.total() };
    await untilKept(() => store.commit(run, epoch, { ...changes, ...rest }));
    next += lines.length;
    status = now;
    files.forget(changes.dropped);
  };
  const inTurn = <Result>(act: () => Promise<Result>): Promise<Result> => {
    const done = last.then(act);
    last = done;
    return done;
  };
  const reserve = async (nano: number, priced: boolean): Promise<FleetBudget | null> => {
    const budget = priced ? null : await untilKept(() => store.budget());
    if (budget !== null && budget.limit !== null) return budget;
    if (!(await untilKept(() => store.reserve(run, epoch, spending.total() + nano))))
      return untilKept(() => store.budget());
    spending.reserve(nano);
    return null;
  };
  return {
    accept: (lines) => inTurn(() => keep(lines, (same) => same)),
    reserve: (nano, priced) => inTurn(() => reserve(nano, priced)),
    finish: (change) =>
      inTurn(() => {
        spending.forgetReserved();
        return keep([], change);
      }),
    async abandon(change) {
      await last.catch(() => undefined);
      spending.forgetReserved();
      status = change(status);
      const nothing = { lines: [], from: next, files: [], dropped: [] };
      await untilKept(() => store.commit(run, epoch, { ...nothing, status, nano: spending.total() }));
    },
    status: () => status,
  };
}

const withCost = (status: RunStatus, costUsd: number): RunStatus =>
  status.costUsd === costUsd ? status : { ...status, costUsd };

/** What the store has of a run's files, and what is different in its folder now. `put` keeps contents there. */
function createKeptFiles(
  stored: MirrorOptions["stored"],
  folder: Omit<ScanOptions, "add">,
  put: (contents: ReadonlyMap<string, Uint8Array>) => Promise<void>,
) {
  const known: KnownFolder = new Map([...stored.files].map(([path, entry]) => [path, { entry, facts: null }]));
  const uses = countUses(stored.files.values());
  const contents = new Set(stored.contents);
  const fresh = gatherParts(async (sent) => {
    await put(sent);
    for (const name of sent.keys()) contents.add(name);
  });
  const add = async (part: Part, content: Uint8Array): Promise<void> => {
    const name = contentOf(part);
    if (!contents.has(name) && !fresh.has(name)) await fresh.add(part, content);
  };
  return {
    async changes(): Promise<Pick<Batch, "files" | "dropped">> {
      const before = new Map([...known].map(([path, { entry }]) => [path, entry]));
      const files = await scanFolder({ ...folder, add }, known);
      await fresh.flush();
      for (const [path, entry] of files) count(uses, before.get(path), entry);
      return { files, dropped: [...contents].filter((name) => (uses.get(name) ?? 0) === 0) };
    },
    forget(dropped: readonly string[]): void {
      for (const name of dropped) {
        contents.delete(name);
        uses.delete(name);
      }
    },
  };
}

function countUses(entries: Iterable<FileEntry>): Map<string, number> {
  const uses = new Map<string, number>();
  for (const entry of entries) count(uses, undefined, entry);
  return uses;
}

function count(uses: Map<string, number>, before: FileEntry | undefined, entry: FileEntry | null): void {
  for (const name of contentsOf(entry)) uses.set(name, (uses.get(name) ?? 0) + 1);
  for (const name of contentsOf(before)) uses.set(name, (uses.get(name) ?? 0) - 1);
}
