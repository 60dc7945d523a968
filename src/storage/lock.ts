import { createHash, randomUUID } from "node:crypto";
import { readFileSync, linkSync, renameSync, statSync, unlinkSync, writeFileSync, type Stats } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { isObject, parseJson } from "../base/json.js";
import { codeOf, isMissing, nullIfMissing } from "../base/system-error.js";
import { isRunning } from "../base/process/is-running.js";
import { monotonicMs } from "../base/stopwatch.js";

/**
 * Tells a process from a later one with the same id: the id of the boot, and the start time in ticks since then (field
 * 22 of /proc/PID/stat). Null where the system does not say.
 */
export function startOfProcess(pid: number): string | null {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return ticks === undefined ? null : `${boot}:${ticks}`;
  } catch {
    return null;
  }
}

/** Whether the process with this id and this start (see startOfProcess) still lives. */
function isAlive(pid: number, started: string | null): boolean {
  if (!isRunning(pid)) return false;
  const now = startOfProcess(pid);
  return started === null || now === null || started === now;
}

/**
 * The lock is ours until `release`, which never throws, or a live process holds it (`pid`; 0 where that is not written yet). `isOurs`
 * looks whether somebody has taken it away meanwhile.
 */
export type Lock = { taken: true; release(): void; isOurs(): boolean } | { taken: false; pid: number };

type Owner = { pid: number; started: string | null };
type Seen = { owner: Owner | null; token: string; ageMs: number };

/** A lock file without readable content counts as being written for this long, unless whoever wants it knows better. */
const usualGraceMs = 10_000;

/**
 * Takes the lock `file`, whose folder has to exist. The lock of a dead process is taken over: only the process that
 * first creates a file named after the dead lock's content may replace it, so two never both succeed. Works between
 * processes of one machine. Throws the system's error where the file cannot be written.
 */
export function takeLock(file: string, graceMs = usualGraceMs): Lock {
  const owner: Owner = { pid: process.pid, started: (ownStart ??= startOfProcess(process.pid)) };
  const content = JSON.stringify({ ...owner, id: randomUUID() });
  const draft = `${file}.${randomUUID()}`;
  try {
    writeFileSync(draft, content, { flag: "wx", mode: 0o600 });
    const holder = take(file, draft, content, graceMs);
    if (holder !== null) return { taken: false, pid: holder };
    return { taken: true, release: () => release(file, content), isOurs: watch(file, content) };
  } finally {
    remove(draft);
  }
}

let ownStart: string | null | undefined;

/** The id of the live process that holds the lock `file`; null where none does. Changes nothing. */
export function lockHolder(file: string): number | null {
  const seen = look(file);
  return seen !== null && isHeld(seen) ? (seen.owner?.pid ?? 0) : null;
}

/** The id of the process that the lock names, whether it lives or not; 0 where none is named. */
export const lockOwner = (file: string): number => look(file)?.owner?.pid ?? 0;

/** A file system of other machines may tell for some seconds what a file was: after this time its content is read again. */
const knownMs = 1_000;
/** Two changes that lie closer together may have the same time. */
const tickMs = 50;

/** What tells whether the file still has this content: it is read where the file is another one or was changed, and each second. */
function watch(file: string, content: string): () => boolean {
  let known: { facts: string; at: number } | null = null;
  return () => {
    const [seen, at] = [statsOf(file), monotonicMs()];
    const facts = seen && `${seen.dev} ${seen.ino} ${seen.ctimeMs} ${seen.size}`;
    if (facts !== null && facts === known?.facts && at - known.at < knownMs) return true;
    const isOurs = contentOf(file) === content;
    known = isOurs && seen && facts && Date.now() - seen.ctimeMs > tickMs ? { facts, at } : null;
    return isOurs;
  };
}

/** Null where it cannot be looked at. */
function statsOf(file: string): Stats | null {
  try {
    return statSync(file, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** Null where it cannot be read. */
function contentOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/** Null where the lock is ours now, else the id of the process that holds it. */
function take(file: string, draft: string, content: string, graceMs: number): number | null {
  for (;;) {
    if (create(file, draft, content)) return null;
    const seen = look(file);
    if (seen === null) continue;
    if (isHeld(seen, graceMs)) return seen.owner?.pid ?? 0;

    const succession = `${file}.${seen.token}`;
    const rival = take(succession, draft, content, graceMs);
    if (rival !== null) return rival;
    if (look(file)?.token === seen.token) {
      renameSync(succession, file);
      return null;
    }
    remove(succession);
  }
}

/** Creates the lock and its content in one act, where the file system has links. */
function create(file: string, draft: string, content: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(codeOf(error) ?? "")) throw error;
  }
  try {
    writeFileSync(file, content, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function look(file: string): Seen | null {
  try {
    // Most locks are free, and to be told so by an error costs many times as much.
    if (statSync(file, { throwIfNoEntry: false }) === undefined) return null;
    const content = readFileSync(file, "utf8");
    const token = createHash("sha256").update(content).digest("hex").slice(0, 16);
    // A clock that was set back makes no lock young for longer than it is.
    const ageMs = Math.abs(Date.now() - statSync(file).mtimeMs);
    return { owner: readOwner(content), token, ageMs };
  } catch (error) {
    return nullIfMissing(error);
  }
}

const isHeld = ({ owner, ageMs }: Seen, graceMs = usualGraceMs): boolean =>
  owner === null ? ageMs < graceMs : isAlive(owner.pid, owner.started);

function readOwner(content: string): Owner | null {
  const parsed = parseJson(content);
  if (!isObject(parsed)) return null;
  const { pid, started } = parsed;
  if (!Number.isSafeInteger(pid) || Number(pid) <= 0) return null;
  return { pid: Number(pid), started: typeof started === "string" ? started : null };
}

/** The work that the lock was taken for is done, whatever becomes of the file: it is removed, or else marked as stale. */
function release(file: string, content: string): void {
  try {
    if (readFileSync(file, "utf8") !== content) return;
    try {
      unlinkSync(file);
    } catch {
      writeFileSync(file, JSON.stringify({ pid: process.pid, started: "released" }));
    }
  } catch {
    // Once this process has ended, its lock counts for nothing.
  }
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

const waitMs = 10_000;
const pauseMs = 5;

/** Runs `work` while the lock `file` is held, waiting for whoever has it: up to ten seconds, unless told. */
export async function withLock<Result>(file: string, work: () => Promise<Result>, ms = waitMs): Promise<Result> {
  const deadline = monotonicMs() + ms;
  for (;;) {
    // Taking it writes to the disk; looking first costs much less.
    const holder = lockHolder(file);
    const lock = holder === null ? takeLock(file) : { taken: false as const, pid: holder };
    if (lock.taken) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (monotonicMs() > deadline) {
      throw new Error(`${file} is held by the process ${lock.pid}. Wait until it ends, or end it.`);
    }
    await delay(pauseMs);
  }
}
