import { spawn } from "node:child_process";
import { endGroup } from "../../base/process/end-group.js";
import { nodeFlagsFor } from "../../base/process/own-program.js";
import { endsWithParent, runOfFleet } from "../../base/process/started-by-run.js";
import { messageOf } from "../../errors.js";
import { runMessage, type HeldUntil, type RunMessage, type WorkerMessage } from "../child/messages.js";

/** How a run's process ended; `words`: the end of what it wrote to standard error. */
export type ChildEnd = { exitCode: number | null; signal: NodeJS.Signals | null; words: string };

export type RunChild = {
  ended: Promise<ChildEnd>;
  /** Tells it until when it may act. */
  hold(until: HeldUntil): void;
  /** Ends it as SIGTERM does, and by force with all that it has started where it takes longer than so many milliseconds. */
  stop(milliseconds: number): void;
};

export type ChildOptions = {
  /** The program's own file. */
  program: string;
  args: readonly string[];
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  run: string;
  /** The folder of the program's own state that is this run's. */
  home: string;
  /** Does what the run asks for, and resolves to what is said to that; what it throws is told to the run as well. */
  answer(message: RunMessage): Promise<Answered>;
};

/** It is done, and until when the run is held; why it does not fit into the fleet's budget; how long to wait. */
export type Answered =
  | { type: "accepted"; until: HeldUntil }
  | { type: "too-dear"; message: string; advice: string }
  | { type: "wait"; milliseconds: number };

const keptWords = 2_000;

/**
 * Starts a run as a process of its own, so that nothing that it computes keeps the worker from holding on to it. It ends when this
 * process does. What it sees of the environment does not lead to the store.
 */
export function startChild({ program, args, cwd, environment, run, home, answer }: ChildOptions): RunChild {
  const seen = { ...environment };
  for (const name of ["QUEUE_URL", "ARTIFACTS_URL"]) delete seen[name];
  const child = spawn(process.execPath, [...nodeFlagsFor(program), program, ...args], {
    cwd,
    env: { ...seen, AUTOGPT_HOME: home, [endsWithParent]: "1", [runOfFleet]: run },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // A group of its own, so that all of it can be ended.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (words = (words + text).slice(-keptWords)));
  const tell = (message: WorkerMessage): void => {
    // One that has ended hears nothing.
    if (child.connected) child.send(message, () => undefined);
  };
  child.on("message", (given) => {
    const { data } = runMessage.safeParse(given);
    if (data === undefined) return;
    const { id } = data;
    answer(data).then(
      (answered) => tell({ ...answered, id }),
      (thrown: unknown) => tell({ type: "refused", id, message: messageOf(thrown) }),
    );
  });
  let force: NodeJS.Timeout | undefined;
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal, words }));
    child.once("error", (thrown) => resolve({ exitCode: null, signal: null, words: messageOf(thrown) }));
  }).finally(() => clearTimeout(force));
  return {
    ended,
    hold: (until) => tell({ type: "held", until }),
    stop(milliseconds) {
      child.kill("SIGTERM");
      clearTimeout(force);
      force = setTimeout(() => endGroup(child), milliseconds);
    },
  };
}
