import type { RunStatus } from "../store/run-store.js";
import type { Carried } from "./carry-run.js";
import { refusedKey } from "./part-end.js";

/** Tells a worker whose key is refused from a run that asks for what no key may do. */
export type KeyWatch = {
  /** Whether a run ends whose key is refused now; `before`: its status before this worker had it. */
  endsRun(before: RunStatus): boolean;
  /** Follows what became of a run; whether the worker's key is to be thought refused. */
  isRefused(run: string, carried: Carried): boolean;
};

/**
 * A key counts as good once a run has finished a step with it, until two runs in a row are refused. A run that was refused before, and
 * is so where the key is good, ends; all others are for another worker.
 */
export function watchKey(): KeyWatch {
  let isGood = false;
  let refused: string | null = null;
  return {
    endsRun: ({ failure }) => isGood && refused === null && failure === refusedKey,
    isRefused(run, carried) {
      if (carried.kind !== "done") return false;
      const { status, before } = carried;
      if (status.failure === refusedKey) {
        const isAgain = refused !== null && refused !== run;
        refused = carried.end.kind === "ended" ? refused : run;
        return !isGood || isAgain;
      }
      if (status.steps > before.steps) [isGood, refused] = [true, null];
      return false;
    },
  };
}
