import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { signalTo } from "./ending.js";
import type { ProgramLimits } from "../sandbox.js";

/** A control group of the kernel's: its limit of processes holds for root as well, unlike `ulimit`'s. */
export type ControlGroup = {
  /** The command, after it has entered the group. */
  entering(argv: readonly string[]): string[];
  /** Kills whoever is in it, and removes it. */
  close(): Promise<void>;
};

const roots = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"];
let made = 0;

/** Removes the groups of programs like this one that were killed before they could do it. */
async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root).catch((): string[] => [])) {
    const [, pid] = /^autogpt-(\d+)-\d+$/.exec(name) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await rmdir(join(root, name)).catch(() => undefined);
  }
}

/** Makes a group with limits of processes (and memory, where that is kept in the same place); null where we may not. */
export async function makeControlGroup({ processes, memory }: ProgramLimits): Promise<ControlGroup | null> {
  if (process.platform !== "linux") return null;
  for (const root of roots) {
    const folder = join(root, `autogpt-${process.pid}-${(made += 1)}`);
    if (!(await allowsGroup(folder, processes))) continue;
    if (made <= roots.length) await removeAbandoned(root);
    await writeFile(join(folder, "memory.max"), String(memory)).catch(() => undefined);
    return {
      entering: (argv) => [
        "/bin/sh",
        "-c",
        'echo $$ >"$1/cgroup.procs" || exit 125; shift; exec "$@"',
        "sh",
        folder,
        ...argv,
      ],
      close: () => closeGroup(folder),
    };
  }
  return null;
}

async function allowsGroup(folder: string, processes: number): Promise<boolean> {
  try {
    await mkdir(folder);
  } catch {
    return false;
  }
  try {
    // The confining program and its first child are processes too.
    await writeFile(join(folder, "pids.max"), String(processes + 4), { flag: "r+" });
    return true;
  } catch {
    await rmdir(folder).catch(() => undefined);
    return false;
  }
}

async function closeGroup(folder: string): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const inside = await readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "");
    for (const pid of inside.split("\n").filter((line) => line !== "")) signalTo(Number(pid), "SIGKILL");
    try {
      return await rmdir(folder);
    } catch {
      await delay(10);
    }
  }
}
