import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { onAbort } from "../../base/abort.js";
import { openQuestionsOf } from "../../history/questions/answer.js";
import { readRunNamed } from "../../history/read-run.js";
import { runDirectory, runsDirectory } from "../../history/runs.js";
import { UnusableRunError } from "../folder/lay-out.js";
import { UnreadableError } from "../folder/scan.js";
import { LeaseLostError, type RunStatus, type RunStore, type StoredRun } from "../store/run-store.js";
import { sharedPace } from "../pace/shared-pace.js";
import type { HeldUntil } from "../child/messages.js";
import { handOnTold } from "../questions/told.js";
import { answerRun } from "./answer-run.js";
import { takeLease, type Lease } from "./lease.js";
import { createMirror, type Mirror } from "./mirror.js";
import { startChild, type ChildEnd, type RunChild } from "./run-child.js";
import { makeRunFolder, type RunFolder } from "./run-folder.js";
import { afterPart, brokenEnd, parkedExitCode, type HowEnded, type PartEnd } from "./part-end.js";
import { withoutFailure } from "./status.js";

/** What became of a run while this worker had it: `held` and `missing` where it never had. */
export type Carried =
  | { kind: "held" | "missing" | "lost" }
  /** `before`: its status before this worker had it. */
  | { kind: "done"; end: PartEnd; status: RunStatus; before: RunStatus };

export type CarryOptions = {
  store: RunStore;
  run: string;
  /** The worker's name, for people. */
  holder: string;
  /** The folder in which this worker keeps the folders of its runs. */
  folder: string;
  program: string;
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** For how long a run is taken at a time, in milliseconds. */
  leaseMs: number;
  /** Whether a run ends whose key is refused, as it does unless told, or is to be tried again; `before`: its status before this part. */
  endsRefusedKey?(before: RunStatus): boolean;
  /** Is called once the run is this worker's. */
  onTaken?(): void;
  /** Is aborted when the worker is to end: the run stops after what it is at, and somebody else goes on with it. */
  signal: AbortSignal;
};

/** How long a run waits for its model's server, unless its flags say otherwise: longer waits hold a place of the worker. */
const usualWait = "1m";
/** How often it is looked whether somebody wants the run to end. */
const lookMs = 2_000;
/** How long a run may take to end that is told to. */
const endMs = 15_000;
/** The same for one that is not ours any more. */
const lostEndMs = 2_000;

/**
 * Carries out a run, or goes on with it from what the store has, until it ends, is to be put off, or is not ours any more. All of it
 * is in the store when this resolves, unless it is `lost`. Throws StoreDownError where the store is away before it has begun.
 */
export async function carryRun(options: CarryOptions): Promise<Carried> {
  const { store, run, holder, leaseMs, signal } = options;
  let child: RunChild | undefined;
  const onHeld = (until: HeldUntil): void => child?.hold(until);
  const lease = await takeLease({ store, run, holder, milliseconds: leaseMs, onHeld, ending: signal });
  if (typeof lease === "string") return { kind: lease };
  options.onTaken?.();
  const root = join(options.folder, `${run}.${lease.epoch}`);
  try {
    return await carryHeld(options, lease, root, (started) => (child = started));
  } catch (thrown) {
    if (thrown instanceof LeaseLostError || lease.lost.aborted) return { kind: "lost" };
    throw thrown;
  } finally {
    await lease.release();
    await rm(root, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function carryHeld(
  options: CarryOptions,
  lease: Lease,
  root: string,
  onChild: (child: RunChild) => void,
): Promise<Carried> {
  const { store, run, holder } = options;
  const stored = await store.read(run);
  if (stored === null) return { kind: "missing" };
  // Where its process does not come as far as to go on with it, the part before would count as failed once more.
  const before = withoutFailure(stored.status);
  const status: RunStatus = { ...before, state: "running", since: new Date().toISOString(), worker: holder };
  const mirror = createMirror({ store, lease, root, stored, status });
  try {
    return await carryMirrored(options, lease, { root, stored, mirror, onChild });
  } catch (thrown) {
    // What is wrong with the run's own files is so everywhere: no other worker could go on with it.
    if (!(thrown instanceof UnreadableError || thrown instanceof UnusableRunError)) throw thrown;
    await mirror.abandon((known) => brokenEnd(known, thrown.message));
    return { kind: "done", end: { kind: "ended", exitCode: 1 }, status: mirror.status(), before: stored.status };
  }
}

type Mirrored = { root: string; stored: StoredRun; mirror: Mirror; onChild(child: RunChild): void };

async function carryMirrored(
  options: CarryOptions,
  lease: Lease,
  { root, stored, mirror, onChild }: Mirrored,
): Promise<Carried> {
  const { store, run, signal } = options;
  const folder = await makeRunFolder(root, run, stored, store);
  await mirror.finish((status) => ({ ...status }));
  let refused: number | null = null;
  const args = argumentsOf(
    run,
    folder,
    stored.lines.length === 0 ? stored.order.begin : stored.order.resume,
    stored.lines.length,
  );
  const directory = runDirectory(folder.home, run);
  // Where the store is away now, it is handed on a little later.
  if (existsSync(directory)) await handOnTold(store, run, directory).catch(() => undefined);
  const child = startChild({
    ...options,
    ...{ args, home: folder.home },
    answer: (message) =>
      answerRun({ mirror, lease, pace: sharedPace(store), onRefused: (nano) => (refused = nano) }, message),
  });
  onChild(child);
  const watched = watch(options, lease, child, folder);
  try {
    const end = await child.ended;
    if (lease.lost.aborted) return { kind: "lost" };
    const asks =
      end.exitCode === parkedExitCode ? openQuestionsOf(await readRunNamed(runsDirectory(folder.home), run)) : 0;
    const how = { wanted: watched.wanted(), isStopping: signal.aborted, refused, asks };
    return await close(
      mirror,
      end,
      { ...how, endsRefusedKey: options.endsRefusedKey?.(stored.status) ?? true },
      stored.status,
    );
  } finally {
    watched.stop();
  }
}

/**
 * Ends the child where somebody wants that, where the worker is to end, and at once where the run is not ours any more; hands on to it what
 * somebody says to it.
 */
function watch({ store, run, signal }: CarryOptions, lease: Lease, child: RunChild, { home }: RunFolder) {
  let wanted = false;
  let handing: Promise<void> | null = null;
  const directory = runDirectory(home, run);
  const look = async (): Promise<void> => {
    const asked = await store.isAskedToEnd(run);
    if (asked) {
      wanted = true;
      child.stop(endMs);
      return;
    }
    // Until it has begun there is no folder to which its journal goes.
    if (handing !== null || !existsSync(directory)) return;
    handing = handOnTold(store, run, directory).finally(() => (handing = null));
    await handing;
  };
  // What cannot be looked at now, since the store is away or a file was changed by hand, is looked at again.
  const timer = setInterval(() => void look().catch(() => undefined), lookMs);
  const stopListening = [onAbort(signal, () => child.stop(endMs)), onAbort(lease.lost, () => child.stop(lostEndMs))];
  return {
    wanted: () => wanted,
    stop() {
      clearInterval(timer);
      for (const stop of stopListening) stop();
    },
  };
}

/** Writes down what this part of the run has come to. */
async function close(mirror: Mirror, child: ChildEnd, how: HowEnded, before: RunStatus): Promise<Carried> {
  let end: PartEnd = { kind: "again", afterMs: 0 };
  await mirror.finish((status) => {
    const after = afterPart(status, child, how);
    end = after.end;
    return after.status;
  });
  return { kind: "done", end, status: mirror.status(), before };
}

/** The program with the run's flags; what the worker sets comes last, so that it counts. */
function argumentsOf(run: string, folder: RunFolder, flags: readonly string[], lines: number): string[] {
  return [
    ...(lines === 0 ? [] : [`--resume=${run}`]),
    "--on-approval=park",
    `--wait=${usualWait}`,
    ...flags,
    `--workspace-directory=${folder.workspace}`,
    `--ai-settings=${folder.settings}`,
    "--output-format=json",
    "--trust-folder",
  ];
}
