import type { Worker } from "node:worker_threads";
import { firstEvent } from "../../../base/waiting/first-event.js";
import { messageOf } from "../../../errors.js";

export type Hit = { path: string; lines: { number: number; text: string }[] };

/** Looks through texts line by line, in a thread of its own. */
export type Matcher = {
  /** The lines of these texts that the pattern fits; null where that takes longer than this. */
  find(texts: readonly { path: string; text: string }[], limitMs: number): Promise<Hit[] | null>;
  close(): Promise<void>;
};

/** Kept as text because a worker's file would have to be found both in the sources and in the bundle. */
const search = `
const { parentPort, workerData } = require("node:worker_threads");
const pattern = new RegExp(workerData.pattern, workerData.flags);
parentPort.on("message", (texts) => {
  const hits = [];
  for (const { path, text } of texts) {
    const lines = [];
    for (const [index, line] of text.split(/\\r?\\n/).entries())
      if (pattern.test(line) && lines.length < 1000) lines.push({ number: index + 1, text: line.slice(0, 1000) });
    if (lines.length > 0) hits.push({ path, lines });
  }
  parentPort.postMessage(hits);
});
`;

/**
 * A thread that searches for a regular expression, Unicode where it allows that. It can be ended: a pattern can take
 * time that grows exponentially with a line. Throws an Error for the model where the pattern is none.
 */
export async function openMatcher(pattern: string, ignoreCase: boolean): Promise<Matcher> {
  const flags = flagsOf(pattern, ignoreCase ? "i" : "");
  const { Worker: Thread } = await import("node:worker_threads");
  const worker: Worker = new Thread(search, { eval: true, workerData: { pattern, flags }, execArgv: [], env: {} });
  worker.on("error", () => undefined);
  const failed = (thrown: Error): never => {
    throw thrown;
  };
  return {
    async find(texts, limitMs) {
      if (limitMs <= 0) return null;
      const answer = firstEvent<Hit[] | null>(
        worker,
        {
          message: (hits: Hit[]) => hits,
          messageerror: failed,
          error: failed,
          exit: (code: number) => failed(new Error(`the search ended without a result (code ${code})`)),
        },
        { ms: limitMs, late: () => null },
      );
      worker.postMessage(texts);
      return answer;
    },
    close: async () => void (await worker.terminate()),
  };
}

function flagsOf(pattern: string, more: string): string {
  let problem = "";
  for (const flags of ["u", ""]) {
    try {
      new RegExp(pattern, flags + more);
      return flags + more;
    } catch (error) {
      problem = messageOf(error);
    }
  }
  throw new Error(
    `The pattern is no regular expression: ${problem}. Put a backslash before . * + ? ( ) [ ] { } ^ $ | that are meant as they are.`,
  );
}
