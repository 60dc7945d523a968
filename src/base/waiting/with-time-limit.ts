import { Script } from "node:vm";

/**
 * What this work comes to; null where it takes longer than this, and is ended wherever it is, in the midst of a regular expression
 * too. Nothing else in the program runs meanwhile. Throws what the work throws.
 */
export function withTimeLimit<Result>(ms: number, work: () => Result): Result | null {
  try {
    return new Script("work()").runInNewContext({ work }, { timeout: ms }) as Result;
  } catch (thrown) {
    // It is an error of the other context, and no instance of our own Error.
    if ((thrown as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return null;
    throw thrown;
  }
}
