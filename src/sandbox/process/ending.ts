import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { firstEvent } from "../../base/waiting/first-event.js";
import { processesMarked, processTree } from "./processes.js";

/** How long a program has to end by itself after SIGTERM. */
const graceMs = 300;

/** Sends a signal to a process that may be gone already, or whose number may belong to another user by now. */
export function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

/**
 * Ends a process that leads a group of its own, with everything that it started: it is asked first, and killed when it
 * is still there a moment later. Resolves when it has exited.
 */
export async function endTree(child: ChildProcess, marker: string | null): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    const tree = await processTree(pid);
    // A signal to the confining program would kill the others before they could tidy up.
    const [, ...below] = tree;
    if (below.length > 0) below.forEach((one) => signalTo(one.pid, "SIGTERM"));
    else signalTo(-pid, "SIGTERM");
    await exited(child, graceMs);
  }
  await killTree(pid, marker);
  await exited(child);
}

/** Resolves when the process has exited, or after so many milliseconds. */
export async function exited(child: ChildProcess, milliseconds?: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const done = (): void => undefined;
  await firstEvent(child, { exit: done }, milliseconds === undefined ? undefined : { ms: milliseconds, late: done });
}

/** Kills a group, its descendants, and whoever carries the marker in its environment, until none is left. */
export async function killTree(pid: number, marker: string | null): Promise<void> {
  for (let round = 0; round < 50; round++) {
    const tree = await processTree(pid);
    const marked = marker === null ? [] : await processesMarked(marker);
    signalTo(-pid, "SIGKILL");
    for (const one of [...tree.map((facts) => facts.pid), ...marked]) signalTo(one, "SIGKILL");
    if (tree.length === 0 && marked.length === 0) return;
    await delay(10);
  }
}

/**
 * The command that kills a group, whoever is in a control group, and whoever carries the marker in its environment,
 * wherever they have gone; for `guard`.
 */
export const killEverything = (pid: number, marker: string, members: readonly string[]): string[] => [
  "/bin/sh",
  "-c",
  `kill -s KILL -- "-$1"
marker=$2
shift 2
for round in 1 2 3 4 5; do
  left=
  for list in "$@"; do
    [ -f "$list" ] && while read -r member; do kill -s KILL "$member" && left=1; done <"$list"
  done
  for place in /proc/[0-9]*; do
    tr '\\0' '\\n' <"$place/environ" | grep -qxF "$marker" && kill -s KILL "\${place#/proc/}" && left=1
  done
  [ -z "$left" ] && exit
done 2>/dev/null`,
  "sh",
  String(pid),
  marker,
  ...members,
];
