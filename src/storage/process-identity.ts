import { readFileSync } from "node:fs";

/**
 * What tells a process from a later one with the same number: the boot it belongs to and its start time in ticks since
 * then (field 22 of /proc/PID/stat). Null where the system does not say.
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

/** Whether the process that said it was `pid`, started at `started`, still lives. */
export function isAlive(pid: number, started: string | null): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOfProcess(pid);
  return started === null || now === null || started === now;
}
