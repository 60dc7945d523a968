import { spawn, spawnSync } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, statSync } from "node:fs";
import { nullIfMissing } from "../base/system-error.js";

/**
 * A file that this process alone holds: the system lets go of it when the process ends, however that happens, and not before, even if
 * the process is stopped for days. `unknown`: this system or this disk has no way to do that.
 */
export type HeldFile = { state: "held"; release(): void } | { state: "held-by-other" } | { state: "unknown" };

const longestMs = 5_000;

/**
 * Holds a file, which is made where it is missing. Node has no call for that, so the program `flock` (util-linux, BusyBox) locks our
 * open file: such a lock belongs to the open file, not to who asked for it. It holds between containers that share a folder, too,
 * where the id of a process says nothing.
 */
export function holdFile(file: string): HeldFile {
  const descriptor = opened(file);
  if (descriptor === null) return { state: "unknown" };
  const { status } = spawnSync("flock", ["-n", "3"], optionsFor(descriptor));
  return outcomeOf(status, file, descriptor) ?? holdFile(file);
}

/** The same, while the caller goes on. Never rejects. */
export async function holdFileMeanwhile(file: string): Promise<HeldFile> {
  const descriptor = opened(file);
  if (descriptor === null) return { state: "unknown" };
  const status = await new Promise<number | null>((resolve) => {
    const child = spawn("flock", ["-n", "3"], optionsFor(descriptor));
    child.once("error", () => resolve(null));
    child.once("exit", resolve);
  });
  return outcomeOf(status, file, descriptor) ?? holdFile(file);
}

/** Null where it cannot be opened, or this system has no such locks. */
function opened(file: string): number | null {
  if (process.platform === "win32") return null;
  try {
    // Whatever it is, it is opened at once: a pipe would else wait for somebody at its other end.
    return openSync(file, constants.O_RDONLY | constants.O_CREAT | constants.O_NONBLOCK, 0o600);
  } catch {
    return null;
  }
}

const optionsFor = (descriptor: number): { stdio: ("ignore" | number)[]; timeout: number } => ({
  stdio: ["ignore", "ignore", "ignore", descriptor],
  timeout: longestMs,
});

/** What the program's exit code says; null where another file has taken the place of the one that is locked. */
function outcomeOf(status: number | null, file: string, descriptor: number): HeldFile | null {
  if (status === 0 && isStillThere(file, descriptor)) return { state: "held", release: () => closeSync(descriptor) };
  closeSync(descriptor);
  if (status === 0) return null;
  return { state: status === 1 ? "held-by-other" : "unknown" };
}

/** Another file may have taken its place in the meantime. */
function isStillThere(file: string, descriptor: number): boolean {
  const held = fstatSync(descriptor);
  const there = ((): { ino: number; dev: number } | null => {
    try {
      return statSync(file);
    } catch (thrown) {
      return nullIfMissing(thrown);
    }
  })();
  return there !== null && held.ino === there.ino && held.dev === there.dev;
}
