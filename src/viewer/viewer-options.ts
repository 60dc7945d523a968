import type { Mask } from "../base/mask.js";
import type { FleetRuns } from "./run/run-place.js";
import type { StateWords } from "./run/run-view.js";

/** What is shown. */
export type ViewerOptions = {
  home: string;
  /** Whose runs are listed as well, and can be chosen. */
  otherHomes?: readonly string[];
  /** Whose runs are listed behind those, where there is a fleet. */
  fleet?: FleetRuns | null;
  /** The runs that are shown first, side by side where there are two. */
  runs: readonly string[];
  mask: Mask;
  words: StateWords;
};
