import { execFileSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { isAbsolute } from "node:path";
import { after, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { findProgram, isProgram } from "../../../src/base/find-program.js";

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
  if ((await pathOf(program)) !== null) return true;
  const mayInstall = process.getuid?.() === 0 && (await pathOf("apt-get")) !== null;
  const problem = mayInstall ? await install(debianPackage) : "";
  if ((await pathOf(program)) !== null) return true;
  const message = `needs ${program}: install the package ${debianPackage}. ${problem}`.trim();
  if (process.env["CI"]) throw new Error(message);
  t.skip(message);
  return false;
}

/**
 * The path of a program that goes by one of several names, the first of which the package brings; as needsProgram where
 * there is none of them: then null.
 */
export async function requireProgram(
  t: Pick<Surroundings, "skip">,
  names: readonly [string, ...string[]],
  debianPackage: string,
): Promise<string | null> {
  for (const name of names) {
    const there = await pathOf(name);
    if (there !== null) return there;
  }
  return (await needsProgram(t, names[0], debianPackage)) ? pathOf(names[0]) : null;
}

/** Where a program lies that is on the search path, or is named by its place; null where it is not there. */
async function pathOf(program: string): Promise<string | null> {
  if (isAbsolute(program)) return (await isProgram(program)) ? program : null;
  return findProgram(program, process.env["PATH"] ?? "");
}

/** A program, and the Debian package that brings it. */
export type Service = readonly [program: string, debianPackage: string];

export const bubblewrap: Service = ["bwrap", "bubblewrap"];
/** One in somebody's home will not do: it is not there in a sandbox. */
export const systemPython: Service = ["/usr/bin/python3", "python3"];
export const socat: Service = ["socat", "socat"];
export const ripgrep: Service = ["rg", "ripgrep"];

/** The same for several programs. */
export async function needsPrograms(t: Pick<Surroundings, "skip">, ...services: Service[]): Promise<boolean> {
  for (const service of services) if (!(await needsProgram(t, ...service))) return false;
  return true;
}

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

export type ServerProcess = {
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it, and resolves when it says that it is ready. */
  start(): Promise<void>;
  /** Sends a signal, where it is there. */
  signal(signal: NodeJS.Signals): void;
};

/** A server that can be started again and again. `says` is where it says `ready`; `by` is the signal that ends it at once. */
export function serverProcess(
  launch: () => ChildProcess,
  { says, ready, by }: { says: "stdout" | "stderr"; ready: string; by: NodeJS.Signals },
): ServerProcess {
  let child: ChildProcess | null = null;
  return {
    async kill() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill(by);
      await ended;
    },
    async start() {
      const started = launch();
      child = started;
      await new Promise<void>((resolve, reject) => {
        let said = "";
        started[says]?.setEncoding("utf8").on("data", (text: string) => {
          said += text;
          if (said.includes(ready)) resolve();
        });
        started.once("exit", () => reject(new Error(`${started.spawnfile} ended:\n${said}`)));
      });
    },
    signal: (signal) => void child?.kill(signal),
  };
}
