import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ListedRun } from "../shapes.js";
import { FleetProblem } from "./fleet/fleet-problem.js";
import { Line, StatePill } from "./parts/text.js";
import type { Source } from "./sources/source.js";
import { useRuns } from "./sources/use-runs.js";
import { VirtualList } from "./steps/virtual-list.js";
import { counted, dollars, when } from "./words.js";

type AllRunsOptions = {
  source: Source;
  /** The run that was shown before. */
  current: string;
  /** Shows these runs: one, or two side by side. */
  open(runs: readonly string[]): void;
  back(): void;
};

const lookAgainMs = 3_000;

/** All runs of the folder: what each came to, to be opened by itself or beside the one that was shown. */
export function AllRuns({ source, current, open, back }: AllRunsOptions) {
  const { runs, problem } = useRuns(source, lookAgainMs);
  const [text, setText] = useState("");
  const [beside, setBeside] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const place = useRef<HTMLDivElement>(null);
  const items = useMemo(() => (runs ?? []).filter((run) => isMeant(run, text)), [runs, text]);
  useEffect(() => place.current?.focus(), [runs === null]);
  const id = (runs ?? []).find(({ run }) => run === current)?.id ?? current;
  const openAt = (at: number): void => {
    const run = items[at]?.run;
    if (run !== undefined) open(beside && run !== current ? [current, run] : [run]);
  };
  return (
    <main class="all-runs" onKeyDown={(event) => event.key === "Escape" && back()}>
      <header class="head">
        <div class="title">
          <h1>All runs</h1>
          <span class="faint" role="status">
            {runs === null ? "Reading …" : counted(items.length, "run")}
          </span>
          <span class="space" />
          <button type="button" class="quiet" id="back" onClick={back}>
            Back
          </button>
        </div>
        <FleetProblem problem={problem} />
      </header>
      <div class="tools">
        <input
          {...{ type: "search", placeholder: "Search the runs", "aria-label": "Search the runs", value: text }}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <label class="beside">
          <input type="checkbox" checked={beside} onChange={(event) => setBeside(event.currentTarget.checked)} /> open
          beside <span class="mono">{id}</span>
        </label>
      </div>
      {items.length > 0 && (
        <VirtualList
          {...{ items, rowHeight: 58, label: "All runs", chosen, place, follow: false, onChoose: setChosen }}
          keyOf={({ run, home }) => `${home ?? ""} ${run}`}
          show={(run) => <RunRow {...{ run, isCurrent: run.run === current }} />}
          onOpen={openAt}
        />
      )}
    </main>
  );
}

/** Whether each of these words stands in what is shown of a run. */
function isMeant({ run, stateText, aiName, goal, home, fleet }: ListedRun, text: string): boolean {
  const whole = [run, stateText, aiName, goal, home, fleet?.worker].join(" ").toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => whole.includes(word));
}

function RunRow({ run, isCurrent }: { run: ListedRun; isCurrent: boolean }) {
  const { id, aiName, goal, home, fleet, started, steps, costUsd, state, stateText } = run;
  return (
    <div class={isCurrent ? "row opened" : "row"}>
      <span class="number mono">{id}</span>
      <span class="what">
        <span class="first">
          <b>
            <Line text={aiName ?? "This run cannot be read."} />
          </b>
          {home !== null && <Line text={home} className="mono faint" />}
          {typeof fleet?.worker === "string" && <Line text={`worker ${fleet.worker}`} className="mono faint" />}
        </span>
        <Line text={goal ?? ""} className="second" />
      </span>
      <span class="marks">
        <span class="began">{when(started)}</span>
        {typeof fleet?.proven === "number" && (
          <span>
            {fleet.proven} of {counted(fleet.goals, "goal")} proven
          </span>
        )}
        <span>{counted(steps, "step")}</span>
        <span class="cost">{dollars(costUsd)}</span>
      </span>
      <StatePill {...{ state, stateText }} />
    </div>
  );
}
