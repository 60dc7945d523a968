import type { KeepsWindow } from "../../agent/think.js";
import type { Step } from "../../history/events.js";
import type { RecordedRun } from "../../history/read-run.js";
import type { RunLogOptions } from "../../history/run-log.js";
import { keptWindow, type KeptWindow } from "../../prompt/window.js";

type FromCheckpoints = { window: KeepsWindow; checkpoints: RunLogOptions["checkpoints"] };

/**
 * What checkpoints have of a run besides its journal, the window over its steps, for whoever builds contexts; and what later ones are made
 * of. A run that was read in another way than to go on gets none.
 */
export function checkpointsFrom(recorded: RecordedRun | null): FromCheckpoints {
  const from = recorded?.position ?? null;
  let steps: readonly Step[] = [];
  return {
    window: { before: (from?.window ?? null) as KeptWindow | null, follow: (all) => (steps = all) },
    checkpoints: recorded !== null && from === null ? undefined : { from, window: () => keptWindow(steps) },
  };
}
