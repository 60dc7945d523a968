import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { nodeFlagsFor, programBeside } from "../../../base/process/own-program.js";
import { firstEvent } from "../../../base/waiting/first-event.js";
import type { AnsweredBlocks, AskedBlocks } from "./shared-blocks.js";

/** A thread of its own that scores blocks while this one scores others. */
export interface ScoringThread {
  /** One question at a time. Rejects where the thread could not be started, or has ended. */
  score(asked: AskedBlocks): Promise<AnsweredBlocks>;
  close(): Promise<void>;
}

export type ThreadPlace = { file?: string | undefined; processors?: number };

/** Null where there is one processor only, so that two threads would take turns, and where Node starts none. `file`: the program of the thread. */
export function startScoringThread({
  file = ownWorker(),
  processors = availableParallelism(),
}: ThreadPlace = {}): ScoringThread | null {
  if (processors === 1) return null;
  let worker: Worker;
  try {
    worker = new Worker(file, { env: {}, execArgv: nodeFlagsFor(file) });
  } catch {
    // Such as under --permission. A thread only saves time.
    return null;
  }
  const ended = (): never => {
    throw new Error("The thread that scores vectors has ended.");
  };
  let hasEnded = false;
  worker.once("exit", () => (hasEnded = true));
  // Whoever asks hears of it then.
  worker.on("error", () => (hasEnded = true));
  worker.unref();
  return {
    async score(asked) {
      if (hasEnded) return ended();
      worker.ref();
      try {
        worker.postMessage(asked);
        return await firstEvent<AnsweredBlocks>(worker, {
          ...{ message: (answer: AnsweredBlocks) => answer, messageerror: ended },
          ...{ error: ended, exit: ended },
        });
      } finally {
        worker.unref();
      }
    },
    async close() {
      await worker.terminate();
    },
  };
}

const ownWorker = (): string => programBeside(import.meta.url, "scoring-worker");
