import { useState } from "preact/hooks";
import type { FleetAct } from "../../run/run-place.js";
import type { FleetStatus, FleetView } from "../../shapes.js";
import type { Source } from "../sources/source.js";
import { counted, dollars, when } from "../words.js";
import { Controls } from "../parts/controls.js";
import { Line } from "../parts/text.js";

/** Where a run of a fleet stands, who has it, and what can be done about it. */
export const FleetState = ({ source, run, fleet }: { source: Source; run: string; fleet: FleetView }) => (
  <div class="fleet" id="fleet">
    <p>
      A run of the fleet at <Line text={fleet.place} className="mono" />
      {fleet.status !== null && <Standing status={fleet.status} stateText={fleet.stateText} />}.
    </p>
    {fleet.status?.message !== undefined && (
      <p class="faint">
        <Line text={fleet.status.message} />
      </p>
    )}
    {fleet.problem !== null && (
      <p class="banner" role="alert" id="fleet-problem">
        <Line text={fleet.problem} /> What stands here is how the run was.
      </p>
    )}
    {fleet.status !== null && <Acts {...{ source, run }} status={fleet.status} />}
    {source.live && fleet.status !== null && hears(fleet.status) && <Controls {...{ source, run }} running={false} />}
  </div>
);

/** One that has completed hears nothing any more. */
const hears = ({ state, exitCode }: FleetStatus): boolean => !(state === "ended" && exitCode === 0);

const Standing = ({ status, stateText }: { status: FleetStatus; stateText: string }) => (
  <>
    : <Line text={stateText} /> since {when(status.since)}
    {status.worker !== undefined && (
      <>
        , {status.state === "running" ? "" : "last "}on <Line text={status.worker} className="mono" />
      </>
    )}
    {`, ${counted(status.steps, "step")}, ${dollars(status.costUsd)}`}
  </>
);

function Acts({ source, run, status }: { source: Source; run: string; status: FleetStatus }) {
  const [said, setSaid] = useState<string | null>(null);
  const act = (kind: FleetAct): void =>
    void source.act(run, { kind }).then(setSaid, (thrown: Error) => setSaid(thrown.message));
  const isOver = status.state === "ended" || status.state === "cancelled";
  const mayRetry = status.state === "parked" || (isOver && status.exitCode !== 0);
  return (
    <div class="controls">
      {!isOver && (
        <button type="button" class="danger" id="cancel" onClick={() => act("cancel")}>
          Cancel
        </button>
      )}
      {mayRetry && (
        <button type="button" id="retry" onClick={() => act("retry")}>
          Retry
        </button>
      )}
      {said !== null && (
        <span role="status" class="faint">
          <Line text={said} />
        </span>
      )}
    </div>
  );
}
