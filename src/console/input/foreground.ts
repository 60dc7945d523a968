import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Whether this process may set up its terminal: one in the background (`&`, `bg`) would be stopped for trying. Where that
 * cannot be told, it may not.
 */
export function isInForeground(): boolean {
  if (process.platform === "win32") return true;
  try {
    const [own, foreground] = groups();
    return own !== undefined && own === foreground;
  } catch {
    return false;
  }
}

/** This process's group, and the one that the terminal listens to. */
function groups(): (string | undefined)[] {
  if (process.platform === "linux") {
    // The name before the bracket may hold spaces and brackets itself.
    const fields = readFileSync("/proc/self/stat", "latin1")
      .replace(/^.*\)\s*/s, "")
      .split(" ");
    return [fields[2], fields[5]];
  }
  const listed = execFileSync("ps", ["-o", "pgid=,tpgid=", "-p", String(process.pid)], { timeout: 1_000 });
  return listed.toString().trim().split(/\s+/);
}
