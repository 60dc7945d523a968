import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { signalTo } from "./ending.js";
import type { ProgramLimits } from "../sandbox.js";

/**
 * A control group of the kernel's. Its limits hold for root as well, unlike `ulimit`'s, and memory counts wherever it is:
 * in processes, in files in RAM, on the way from one process to another.
 */
export type ControlGroup = {
  /** The files that tell who is in it. */
  readonly members: readonly string[];
  /** The command, after it has entered the group. */
  entering(argv: readonly string[]): string[];
  /** Whether the kernel has ended a process in it for want of memory. */
  lackedMemory(): Promise<boolean>;
  /** Kills whoever is in it, and removes it. */
  close(): Promise<void>;
};

const mounted = "/sys/fs/cgroup";
let made = 0;

/**
 * Makes a group with limits of processes and, where the system lets us, of memory; null where we may not limit
 * processes. Both versions of control groups are known.
 */
export async function makeControlGroup(limits: ProgramLimits): Promise<ControlGroup | null> {
  if (process.platform !== "linux") return null;
  const name = `autogpt-${process.pid}-${(made += 1)}`;
  // The confining program and its first child are processes too.
  const pids = [["pids.max", String(limits.processes + 4)]] as const;
  const group = await makeFirst(await places("pids"), name, pids);
  if (group === null) return null;
  // Memory for itself is limited to the very number by ulimit: that a program can notice, this ends it.
  const memory = String(Math.ceil((limits.memory * 1.25) / 4096) * 4096);
  const unified = await limit(group, [["memory.max", memory]]);
  if (unified) await limit(group, [["memory.swap.max", "0"]]);
  const second = unified ? null : await makeFirst(await places("memory"), name, [["memory.limit_in_bytes", memory]]);
  if (second !== null) await limit(second, [["memory.memsw.limit_in_bytes", memory]]);
  const folders = second === null ? [group] : [group, second];
  return {
    members: folders.map((folder) => join(folder, "cgroup.procs")),
    entering: (argv) => entering(folders, argv),
    lackedMemory: () => lackedMemory(second ?? group),
    close: async () => void (await Promise.all(folders.map(closeGroup))),
  };
}

/**
 * Folders in which a group may be made: below our own, so that what limits us limits it, beside it (a group of the second
 * version that holds processes passes no limits on), or at the top.
 */
async function places(controller: string): Promise<string[]> {
  const lines = (await readFile("/proc/self/cgroup", "utf8").catch(() => "")).split("\n");
  const ownPath = (version: RegExp): string => lines.map((line) => version.exec(line)?.[1]).find(Boolean) ?? "/";
  const first = join(mounted, controller);
  const own = ownPath(new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(/.*)$`));
  const unified = ownPath(/^0::(\/.*)$/);
  return [join(first, own), first, join(mounted, unified), join(mounted, dirname(unified)), mounted];
}

type Limits = readonly (readonly [file: string, value: string])[];

async function makeFirst(roots: readonly string[], name: string, limits: Limits): Promise<string | null> {
  for (const root of new Set(roots)) {
    const folder = join(root, name);
    try {
      await mkdir(folder);
    } catch {
      continue;
    }
    if (await limit(folder, limits)) {
      await removeAbandoned(root);
      return folder;
    }
    await rmdir(folder).catch(() => undefined);
  }
  return null;
}

/** Writes limits to a group; false where it has no such limit. */
async function limit(folder: string, limits: Limits): Promise<boolean> {
  try {
    for (const [file, value] of limits) await writeFile(join(folder, file), value, { flag: "r+" });
    return true;
  } catch {
    return false;
  }
}

/** Removes the groups of programs like this one that were killed before they could do it. */
async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root).catch((): string[] => [])) {
    const [, pid] = /^autogpt-(\d+)-\d+$/.exec(name) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await rmdir(join(root, name)).catch(() => undefined);
  }
}

/** As root nothing runs outside the group; others may not be allowed to enter a group that they could make. */
function entering(folders: readonly string[], argv: readonly string[]): string[] {
  const refused = process.getuid?.() === 0 ? "exit 125" : ":";
  const enter = folders.map(() => `echo $$ >"$1/cgroup.procs" 2>/dev/null || ${refused}; shift; `);
  return ["/bin/sh", "-c", `${enter.join("")}exec "$@"`, "sh", ...folders, ...argv];
}

async function lackedMemory(folder: string): Promise<boolean> {
  for (const file of ["memory.events", "memory.oom_control"]) {
    const text = await readFile(join(folder, file), "utf8").catch(() => "");
    if (/^oom_kill [1-9]/m.test(text)) return true;
  }
  return false;
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
