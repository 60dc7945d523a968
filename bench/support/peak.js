import { readFileSync } from "node:fs";

/**
 * The most memory that a process had at a time, in kilobytes, from its /proc/self/status and what getrusage says. On Linux the former: the latter
 * counts there what the process had that started it, too, so that a small one seems to be as large as that.
 *
 * @param {string} status
 * @param {number} maxRSS
 * @returns {number}
 */
export const peakOf = (status, maxRSS) => Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? maxRSS);

/**
 * That of this process.
 *
 * @returns {number}
 */
export function peakKilobytes() {
  let status = "";
  try {
    status = readFileSync("/proc/self/status", "utf8");
  } catch {
    // Another system.
  }
  return peakOf(status, process.resourceUsage().maxRSS);
}
