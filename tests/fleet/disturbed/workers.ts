import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { sourceLoader } from "../../support/source-loader.js";
import { startGatedProxy, type GatedProxy } from "./gated-proxy.js";

/** A worker as a process of its own, behind a proxy of its own. */
export type Worker = {
  proxy: GatedProxy;
  /** The end of what it has said. */
  said(): string;
  /** Ends it at once, as a crash does; another one takes its place. */
  replace(): Promise<void>;
  /** Stops it without ending it, and with it the runs that it has started, or lets them go on. */
  signal(signal: "SIGSTOP" | "SIGCONT", withRuns: boolean): void;
  end(): Promise<void>;
};

export type WorkerOptions = {
  folder: string;
  /** Where large files of runs lie. */
  artifacts: string;
  /** The server's port, and the queue's address there for a port. */
  port: number;
  urlAt(port: number): string;
  leaseMs: number;
  concurrency: number;
  program: string;
  environment: Readonly<Record<string, string | undefined>>;
};

/** Its arguments are the queue's address, a folder, that of large files, how long it takes a run, how many at a time, and the program. */
const code = `
  import { work } from ${JSON.stringify(new URL("../../../src/fleet/worker/work.ts", import.meta.url).href)};
  const [address, place, url, leaseMs, concurrency, program] = process.argv.slice(1);
  const { signal } = new AbortController();
  await work({
    ...{ address, artifacts: { url, variable: () => undefined }, place, leaseMs: Number(leaseMs), concurrency: Number(concurrency), tags: [], program, cwd: place, signal },
    ...{ environment: process.env, say: (text) => process.stderr.write(text + "\\n") },
  });`;

const keptWords = 4_000;

export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const proxy = await startGatedProxy(options.port);
  const place = join(options.folder, `at-${proxy.port}`);
  await mkdir(place);
  let words = "";
  const launch = (): ChildProcess => {
    const { artifacts, leaseMs, concurrency, program, environment } = options;
    const flags = ["--import", sourceLoader, "--input-type=module", "-e", code];
    const args = [options.urlAt(proxy.port), place, artifacts, String(leaseMs), String(concurrency), program];
    const started = spawn(process.execPath, [...flags, ...args], {
      env: { ...environment, PATH: process.env["PATH"], HOME: place },
      stdio: ["ignore", "ignore", "pipe"],
    });
    started.stderr?.setEncoding("utf8").on("data", (text: string) => (words = (words + text).slice(-keptWords)));
    // One that ends by itself, since its server was away when it began, is started again as a service would be.
    started.once("exit", () => {
      if (child === started && !isEnding) relaunch = setTimeout(() => (child = launch()), 500);
    });
    return started;
  };
  let isEnding = false;
  let relaunch: NodeJS.Timeout | undefined;
  let child = launch();
  const kill = async (): Promise<void> => {
    const { pid } = child;
    if (child.exitCode !== null || child.signalCode !== null || pid === undefined) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  return {
    proxy,
    said: () => words,
    async replace() {
      isEnding = true;
      clearTimeout(relaunch);
      await kill();
      isEnding = false;
      child = launch();
    },
    signal(signal, withRuns) {
      const { pid } = child;
      if (pid === undefined) return;
      for (const one of [pid, ...(withRuns ? childrenOf(pid) : [])])
        try {
          process.kill(one, signal);
        } catch {
          // It has ended by now.
        }
    },
    async end() {
      isEnding = true;
      clearTimeout(relaunch);
      await kill();
      await proxy.close();
    },
  };
}

/** The processes that a process has started. Linux. */
function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return (
          readFileSync(`/proc/${name}/stat`, "utf8")
            .replace(/^.*\) /s, "")
            .split(" ")[1] === String(pid)
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}
