import type { ChildProcess } from "node:child_process";

/** Kills a program that was started `detached`, with all that it has started in its group; where there are no groups, it alone. */
export function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}
