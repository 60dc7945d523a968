import { createContext, Script, type Context } from "node:vm";
import { usualTimeLimits, type TimeLimits } from "./time-limits.js";

/**
 * What this work comes to; null where it takes longer than this, and is ended wherever it is, in the midst of a regular expression
 * too. Nothing else in the program runs meanwhile. Throws what the work throws.
 */
export function withTimeLimit<Result>(
  usualMs: number,
  work: () => Result,
  timeLimits: TimeLimits = usualTimeLimits,
): Result | null {
  context ??= createContext({ work: null });
  script ??= new Script("work()");
  const outer = context["work"] as unknown;
  context["work"] = work;
  try {
    return script.runInContext(context, { timeout: timeLimits.of(usualMs) }) as Result;
  } catch (thrown) {
    // It is an error of the other context, and no instance of our own Error.
    if ((thrown as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw thrown;
    timeLimits.met();
    return null;
  } finally {
    context["work"] = outer;
  }
}

// Only a script can be ended in the midst of its work. To make a context takes half a millisecond.
let context: Context | undefined;
let script: Script | undefined;
