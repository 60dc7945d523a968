import type { StepStops } from "../../agent/step-stops.js";
import type { Mask } from "../../base/mask.js";
import type { Tape } from "../../cassette/tape.js";
import type { Workspace } from "../../workspace/workspace.js";

/** How a run's ways to the outside are taped: recorded, with what a replay has to know `about` the run, or replayed. */
export type Taping =
  | { kind: "record"; version: string; mostBytes: number; about(): Readonly<Record<string, unknown>> }
  | {
      kind: "replay";
      open(stops: StepStops, now: () => { step: number }): Tape;
      /** Gives paths of the copy the names that they had in the run. */
      named: Mask;
      /** Makes the changes in the workspace that a command of this step made, whose outcome is on record. */
      change(step: number, workspace: Workspace): Promise<void>;
    };
