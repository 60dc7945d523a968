import { execFile } from "node:child_process";
import { constants, existsSync } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The path of a program that a test needs, one of several names. Where it is missing, Debian's package is installed if
 * that is possible; otherwise the test is skipped and says so, and where nothing may be skipped (CI) it fails.
 */
export async function requireProgram(
  t: TestContext,
  names: readonly string[],
  debianPackage: string,
): Promise<string | null> {
  const there = await findProgram(names);
  if (there !== null) return there;
  const problem = await install(debianPackage);
  const installed = await findProgram(names);
  if (installed !== null) return installed;
  const message = `needs ${names.join(" or ")}: install the package ${debianPackage}${problem === "" ? "" : ` (${problem})`}`;
  if (process.env["CI"]) throw new Error(message);
  t.skip(message);
  return null;
}

export async function findProgram(names: readonly string[]): Promise<string | null> {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const path of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return null;
}

/** Quietly, as root on Debian and its kin alone; waits for whoever else installs. Returns what went wrong. */
async function install(debianPackage: string): Promise<string> {
  if (!existsSync("/etc/debian_version") || process.getuid?.() !== 0) return "";
  const options = ["-qq", "-o", "DPkg::Lock::Timeout=300"];
  const settings = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, timeout: 600_000 };
  try {
    await run("apt-get", ["update", ...options], settings);
    await run("apt-get", ["install", "-y", "--no-install-recommends", ...options, debianPackage], settings);
    return "";
  } catch (thrown) {
    return String(thrown).split("\n")[0] ?? "";
  }
}
