import { Line } from "../parts/text.js";

/** Why the runs of a fleet are not shown as they are now. */
export const FleetProblem = ({ problem }: { problem: string | null }) =>
  problem === null ? null : (
    <p class="banner" role="status" id="fleet-problem">
      The runs of the fleet: <Line text={problem} /> Those of the folder are all here.
    </p>
  );
