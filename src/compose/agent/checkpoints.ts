import type { KeepsWindow } from "../../agent/think.js";
import { leaveToJournal } from "../../history/checkpoint/recorded-steps.js";
import type { Step } from "../../history/events.js";
import type { RecordedRun } from "../../history/read-run.js";
import type { RunLogOptions } from "../../history/run-log.js";
import { keptWindow, type KeptWindow } from "../../prompt/window.js";

type FromCheckpoints = { window: KeepsWindow; checkpoints: RunLogOptions["checkpoints"] };

/**
 * What checkpoints have of a run besides its journal, the window over its steps, for whoever builds contexts; and what later ones are made
 * of. Steps that no context shows any more are read from the journal from then on, where something of them is asked for. A run that was read in another way than to go on gets none.
 */
export function checkpointsFrom(recorded: RecordedRun | null): FromCheckpoints {
  const from = recorded?.position ?? null;
  let steps: Step[] = [];
  let written: Step[] = [];
  let [followed, left]: [readonly Step[], number] = [steps, 0];
  const leaveOnDisk = (): void => {
    const first = keptWindow(steps)?.first ?? 0;
    // Of a run that goes on, steps were read once to build its first contexts.
    if (followed !== steps) [followed, left] = [steps, 0];
    for (; left < first; left++) if (steps[left] !== undefined) leaveToJournal(steps[left] as Step);
    for (const one of written)
      if (one.step <= first && steps[one.step - 1]?.step === one.step) steps[one.step - 1] = one;
    written = written.filter(({ step }) => step > first);
  };
  return {
    window: { before: (from?.window ?? null) as KeptWindow | null, follow: (all) => (steps = all) },
    checkpoints:
      recorded !== null && from === null
        ? undefined
        : {
            from,
            window: () => keptWindow(steps),
            written(more) {
              written.push(...more);
              leaveOnDisk();
            },
          },
  };
}
