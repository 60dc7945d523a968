import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { askingForAgent, endsWithParent } from "../../../base/process/started-by-run.js";
import { nodeFlagsFor } from "../../../base/process/own-program.js";
import { messageOf } from "../../../errors.js";

/** What is heard from a run while it goes on. */
export type RunHearing = {
  /** A line of standard output: an event of the run, as `stream-json` prints it. */
  event(line: string): void;
  /** A piece of standard error. */
  words(text: string): void;
};

/** A run that was started, to be told of by its events. */
export type StartedRun = {
  /** Resolves when nothing of it is at work any more. Never rejects. */
  ended: Promise<void>;
  /** Ends it as SIGTERM does: it writes its journal, and can be resumed. */
  stop(): void;
};

/** Starts this program with these arguments. */
export type StartRun = (args: readonly string[], hearing: RunHearing) => StartedRun;

/**
 * Starts each run as a process of its own: what one of them breaks, floods or computes keeps neither the others nor the
 * answers to the client waiting, and it ends with its journal finished even where the server is killed.
 */
export const inProcessesOfTheirOwn =
  (program: string, cwd: string, environment: Readonly<Record<string, string | undefined>>): StartRun =>
  (args, hearing) => {
    const child = spawn(process.execPath, [...nodeFlagsFor(program), program, ...args], {
      cwd,
      env: { ...environment, ...askingForAgent(process.pid), [endsWithParent]: "1" },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      windowsHide: true,
    });
    if (child.stdout === null || child.stderr === null) throw new Error("The run has no outputs.");
    createInterface({ input: child.stdout, crlfDelay: Infinity }).on("line", hearing.event);
    child.stderr.setEncoding("utf8").on("data", hearing.words);
    const ended = new Promise<void>((resolve) => {
      child.once("close", () => resolve());
      child.once("error", (thrown) => {
        hearing.words(messageOf(thrown));
        resolve();
      });
    });
    return { ended, stop: () => void child.kill("SIGTERM") };
  };
