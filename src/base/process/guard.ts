import { spawn } from "node:child_process";

/**
 * Runs a command that kills other processes when this one dies, however it dies: a small shell waits for the end of a pipe that only
 * we hold. Returns a function that calls it off, or null where there is no shell, as on Windows.
 */
export function guard(command: readonly string[]): (() => void) | null {
  if (process.platform === "win32") return null;
  const watcher = spawn("/bin/sh", ["-c", 'read -r _ || "$@"', "sh", ...command], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watcher.on("error", () => undefined);
  if (watcher.pid === undefined) return null;
  watcher.stdin.on("error", () => undefined);
  watcher.unref();
  (watcher.stdin as unknown as { unref?(): void }).unref?.();
  return () => void watcher.kill("SIGKILL");
}
