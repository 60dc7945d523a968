import type { ResourceLimits } from "node:worker_threads";
import { firstEvent } from "./first-event.js";

export type ThreadOptions<Answer> = {
  /** How long it may take once it runs, in milliseconds, and what holds where it takes longer. */
  ms: number;
  late(): Answer;
  /** What was to be done, for the error of a thread that ends without an answer. */
  what: string;
  resourceLimits?: ResourceLimits;
};

/**
 * Lets a thread of its own find an answer, since what takes for ever can only be ended there. `source` is the text of its
 * script, which reads `workerData` and posts the answer: a file would have to be found both in the sources and in the bundle.
 */
export async function inThread<Answer>(
  source: string,
  workerData: unknown,
  { ms, late, what, resourceLimits }: ThreadOptions<Answer>,
): Promise<Answer> {
  const { Worker } = await import("node:worker_threads");
  const worker = new Worker(source, {
    ...{ eval: true, workerData, execArgv: [], env: {} },
    ...(resourceLimits && { resourceLimits }),
  });
  const failed = (thrown: Error): never => {
    throw thrown;
  };
  try {
    return await firstEvent<Answer>(
      worker,
      {
        message: (answer: Answer) => answer,
        messageerror: failed,
        error: failed,
        exit: (code: number) => failed(new Error(`${what} ended without a result (code ${code})`)),
      },
      { ms, from: "online", late },
    );
  } finally {
    worker.on("error", () => undefined);
    await worker.terminate();
  }
}
