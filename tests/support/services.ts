import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { TestContext } from "node:test";

/** Whether a program is on the search path. */
export function isInstalled(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(":");
  return folders.some((folder) => folder !== "" && existsSync(`${folder}/${program}`));
}

/**
 * Makes sure of a program that a test needs: on Debian, as root, its package is installed quietly. False where that is
 * impossible; the test is then skipped with the reason, and in CI it fails.
 */
export function needs(t: TestContext, program: string, debianPackage = program): boolean {
  if (isInstalled(program) || install(debianPackage)) return true;
  const reason = `needs ${program} (Debian's package ${debianPackage})`;
  if (process.env["CI"]) throw new Error(reason);
  t.skip(reason);
  return false;
}

function install(debianPackage: string): boolean {
  if (process.getuid?.() !== 0 || !isInstalled("apt-get")) return false;
  for (const command of [[], ["update"]]) {
    try {
      if (command.length > 0) execFileSync("apt-get", ["-qq", ...command], { stdio: "ignore", timeout: 120_000 });
      const options = [
        "-qq",
        "-o",
        "DPkg::Lock::Timeout=120",
        "install",
        "-y",
        "--no-install-recommends",
        debianPackage,
      ];
      execFileSync("apt-get", options, { stdio: "ignore", timeout: 240_000 });
      return true;
    } catch {
      // The lists may be missing: once more after an update.
    }
  }
  return false;
}
