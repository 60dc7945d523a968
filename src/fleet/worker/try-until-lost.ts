import { sleep, untilAborted } from "../../base/abort.js";
import { LeaseLostError, StoreDownError } from "../store/run-store.js";

const firstPauseMs = 50;
const mostPauseMs = 1_000;

/**
 * Does something to the store for the holder of a run. What is written twice is kept once, so it is tried while the store is away, until
 * the run is not ours any more: then LeaseLostError is thrown.
 */
export async function tryUntilLost<Result>(
  act: () => Promise<Result>,
  run: string,
  lost: AbortSignal,
): Promise<Result> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, mostPauseMs)) {
    if (lost.aborted) throw new LeaseLostError(run);
    try {
      // Where it comes to that all the same, the store has kept it for whoever goes on, or refuses it.
      return await untilAborted(act(), lost);
    } catch (thrown) {
      if (lost.aborted) continue;
      if (!(thrown instanceof StoreDownError)) throw thrown;
      await sleep(pauseMs, lost).catch(() => undefined);
    }
  }
}
