import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { nullIfMissing } from "../../base/system-error.js";
import { SettingsError } from "../../errors.js";
import { openQuestionsOf } from "../../history/questions/answer.js";
import { readRunNamed } from "../../history/read-run.js";
import { journalFile } from "../../history/run-log.js";
import { runDirectory, runsDirectory } from "../../history/runs.js";
import { contentsOf } from "../folder/entry.js";
import { partOf } from "../folder/parts.js";
import { turnNow, type RunQueue } from "../queue/run-queue.js";
import {
  LeaseLostError,
  StoreDownError,
  type FileChange,
  type RunStatus,
  type RunStore,
  type StoredRun,
} from "../store/run-store.js";
import { takeLease, type Lease } from "../worker/lease.js";
import { openSpending } from "../worker/spending.js";
import { isOver, withoutEnd } from "../worker/status.js";
import { eventsOf } from "../worker/stored-events.js";
import { tryUntilLost } from "../worker/try-until-lost.js";
import { answersPath, withRecords } from "./record.js";

/** For how long the run is taken; nobody is asked meanwhile. */
const leaseMs = 30_000;
/** Somebody else who answers has it for a moment only; so long it is tried. */
const [heldMs, lookMs] = [5_000, 100];

/**
 * Answers a parked run of the fleet: `work` gets a home that has the run's record as the store has it now, and writes the answer there as to
 * any parked run. It holds the run meanwhile, so that what `work` finds there cannot change before the answer is in the store; that is
 * one act. The run is put into the queue again unless it has more questions; resolves to how many these are. Throws what `work` throws, and nothing is answered; SettingsError where somebody works on the
 * run; StoreDownError where nobody can tell whether it was answered.
 */
export async function answerParked<Result>(
  { store, queue }: { store: RunStore; queue: Pick<RunQueue, "add"> },
  run: string,
  work: (home: string) => Promise<Result>,
): Promise<{ result: Result; left: number }> {
  const lease = await hold(store, run);
  try {
    const stored = await store.read(run);
    if (stored === null || isOver(stored.status))
      throw new SettingsError(`The run ${run} is over, so nothing was answered.`);
    const answered = await withRecords(new Map([[run, stored]]), store, async (home) => {
      const result = await work(home);
      const left = openQuestionsOf(await readRunNamed(runsDirectory(home), run));
      await keep(store, lease, { stored, home, left });
      return { result, left };
    });
    await lease.release();
    if (answered.left === 0) await queue.add(run, turnNow(stored));
    return answered;
  } finally {
    await lease.release();
  }
}

async function hold(store: RunStore, run: string): Promise<Lease> {
  for (const until = Date.now() + heldMs; ; await delay(lookMs)) {
    const lease = await takeLease({ store, run, holder: "answer", milliseconds: leaseMs });
    if (typeof lease !== "string") return lease;
    if (lease === "missing") throw new SettingsError(`The fleet has no run ${run} any more.`);
    if (Date.now() >= until)
      throw new SettingsError(
        `The run ${run} is at work, so it waits for no answer at the moment. "autogpt fleet" shows when it does.`,
      );
  }
}

/** Keeps in the store what was written: lines of the journal, and what is to be given to servers. */
async function keep(
  store: RunStore,
  lease: Lease,
  { stored, home, left }: { stored: StoredRun; home: string; left: number },
): Promise<void> {
  const { run, epoch, lost } = lease;
  const directory = runDirectory(home, run);
  const text = await readFile(journalFile(directory), "utf8");
  const lines = text.split("\n").slice(stored.lines.length, -1);
  const { files, contents, dropped } = await answersFile(run, stored, home);
  const status: RunStatus =
    left > 0
      ? { ...stored.status, asks: left }
      : { ...withoutEnd(stored.status), state: "waiting", since: new Date().toISOString() };
  const nano = openSpending(eventsOf([...stored.lines, ...lines])).total();
  const batch = { lines, from: stored.lines.length + 1, files, dropped, status, nano };
  try {
    await tryUntilLost(() => store.put(run, epoch, contents), run, lost);
    await tryUntilLost(() => store.commit(run, epoch, batch), run, lost);
  } catch (thrown) {
    if (!(thrown instanceof LeaseLostError) && !lost.aborted) throw thrown;
    throw new StoreDownError(
      `The store did not answer in time, and nobody can tell whether the run ${run} was answered. "autogpt questions" shows whether it waits still.`,
      { cause: thrown },
    );
  }
}

type Changed = { files: FileChange[]; contents: Map<string, Uint8Array>; dropped: string[] };

async function answersFile(run: string, { files }: StoredRun, home: string): Promise<Changed> {
  const path = answersPath(run);
  const before = files.get(path) ?? null;
  const bytes = await readFile(join(home, "..", path)).catch(nullIfMissing);
  const part = bytes === null || bytes.length === 0 ? null : partOf(bytes);
  const isSame = part === null ? before === null : contentsOf(before).join() === part.hash;
  if (isSame) return { files: [], contents: new Map(), dropped: [] };
  const used = new Set([...files].flatMap(([at, entry]) => (at === path ? [] : contentsOf(entry))));
  const dropped = contentsOf(before).filter((name) => !used.has(name) && name !== part?.hash);
  if (part === null || bytes === null) return { files: [[path, null]], contents: new Map(), dropped };
  return {
    files: [[path, { kind: "file", mode: 0o600, parts: [part] }]],
    contents: new Map([[part.hash, bytes]]),
    dropped,
  };
}
