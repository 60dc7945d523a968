import { readFileSync } from "node:fs";

/**
 * The most memory that this process had at a time, in kilobytes. On Linux by the kernel's own mark: getrusage counts there what the process had that
 * started it, too, so that a small one seems to be as large as that.
 *
 * @returns {number}
 */
export function peakKilobytes() {
  try {
    const mark = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    if (mark) return Number(mark[1]);
  } catch {
    // Another system.
  }
  return process.resourceUsage().maxRSS;
}
