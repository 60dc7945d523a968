import { createHash, randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { isAlive, startOfProcess } from "./process-identity.js";

/** Either the lock is ours until `release`, or a live process has it (`pid`; 0 when it has not said yet). */
export type Lock = { taken: true; release(): void } | { taken: false; pid: number };

type Owner = { pid: number; started: string | null };
type Seen = { owner: Owner | null; token: string; ageMs: number };

/** How long a lock without readable content counts as one that is just being written. */
const graceMs = 10_000;

/**
 * Takes the lock `file`, whose folder must exist. A lock of a dead process is taken over: whoever first creates the
 * file named after the dead lock's content is the only one allowed to replace it, so two takers never both succeed. The
 * lock is honoured by processes of one machine. Throws the system's error when the file cannot be written.
 */
export function takeLock(file: string): Lock {
  const owner: Owner = { pid: process.pid, started: startOfProcess(process.pid) };
  const content = JSON.stringify({ ...owner, id: randomUUID() });
  const draft = `${file}.${randomUUID()}`;
  try {
    writeFileSync(draft, content, { flag: "wx", mode: 0o600 });
    const holder = take(file, draft, content);
    return holder === null ? { taken: true, release: () => release(file, content) } : { taken: false, pid: holder };
  } finally {
    remove(draft);
  }
}

/** The number of the live process that holds the lock `file`; null where none does. Changes nothing. */
export function lockHolder(file: string): number | null {
  const seen = look(file);
  return seen !== null && isHeld(seen) ? (seen.owner?.pid ?? 0) : null;
}

/** Null when the lock is ours, else the number of the process that holds it. */
function take(file: string, draft: string, content: string): number | null {
  for (;;) {
    if (create(file, draft, content)) return null;
    const seen = look(file);
    if (seen === null) continue;
    if (isHeld(seen)) return seen.owner?.pid ?? 0;

    const succession = `${file}.${seen.token}`;
    const rival = take(succession, draft, content);
    if (rival !== null) return rival;
    if (look(file)?.token === seen.token) {
      renameSync(succession, file);
      return null;
    }
    remove(succession);
  }
}

/** Creates the lock with its whole content at once, where the file system has links. */
function create(file: string, draft: string, content: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(codeOf(error))) throw error;
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
    const content = readFileSync(file, "utf8");
    const token = createHash("sha256").update(content).digest("hex").slice(0, 16);
    return { owner: readOwner(content), token, ageMs: Date.now() - statSync(file).mtimeMs };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

const isHeld = ({ owner, ageMs }: Seen): boolean =>
  owner === null ? ageMs < graceMs : isAlive(owner.pid, owner.started);

function readOwner(content: string): Owner | null {
  try {
    const { pid, started } = JSON.parse(content) as Record<string, unknown>;
    if (!Number.isSafeInteger(pid) || Number(pid) <= 0) return null;
    return { pid: Number(pid), started: typeof started === "string" ? started : null };
  } catch {
    return null;
  }
}

function release(file: string, content: string): void {
  try {
    if (readFileSync(file, "utf8") === content) unlinkSync(file);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "";
