import { execFileSync, spawnSync } from "node:child_process";
import { after, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

export type Surroundings = Pick<TestContext, "after" | "skip">;

/** For what all tests of a file share: is ended after the last one; `problem` says why there is nothing to share. */
export function wholeFile(): Surroundings & { problem: string } {
  const surroundings: Surroundings & { problem: string } = {
    problem: "",
    after: (work) => after(work as () => unknown),
    skip: (message) => void (surroundings.problem = message ?? "something is missing"),
  };
  return surroundings;
}

/**
 * Whether a program of the system is there; on Debian, as root, its package is installed where it is missing. Elsewhere
 * the test counts as skipped and says what it needs; with CI set that is a failure.
 */
export async function needsProgram(
  t: Pick<Surroundings, "skip">,
  program: string,
  debianPackage: string,
): Promise<boolean> {
  if (isInstalled(program)) return true;
  const problem = process.getuid?.() === 0 && isInstalled("apt-get") ? await install(debianPackage) : "";
  if (isInstalled(program)) return true;
  const message = `needs ${program}: install the package ${debianPackage}. ${problem}`.trim();
  if (process.env["CI"]) throw new Error(message);
  t.skip(message);
  return false;
}

const isInstalled = (program: string): boolean =>
  spawnSync("sh", ["-c", `command -v "$1"`, "sh", program], { stdio: "ignore" }).status === 0;

/** Others may be installing something at the same time, so a lock is waited for. Gives the last problem. */
async function install(debianPackage: string): Promise<string> {
  let problem = "";
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    try {
      const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
      const options = { stdio: "pipe", env: environment } as const;
      if (attempt > 1) execFileSync("apt-get", ["update", "-qq"], options);
      execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", debianPackage], options);
      return "";
    } catch (thrown) {
      problem = String((thrown as { stderr?: Buffer }).stderr ?? thrown);
      await delay(3_000);
    }
  }
  return problem;
}
