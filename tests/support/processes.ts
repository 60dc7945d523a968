import { readdirSync, readFileSync } from "node:fs";

/** The command lines of all processes on this machine that contain a text. Linux. */
export function processesWith(text: string): string[] {
  const lines = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    });
  return lines.filter((line) => line.includes(text));
}
