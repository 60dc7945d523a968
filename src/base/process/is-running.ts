import { codeOf } from "../system-error.js";

/** Whether there is a process with this id, anybody's; another one may have been given the id since. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM, for one: it is there, but belongs to another user.
    return codeOf(thrown) !== "ESRCH";
  }
}
