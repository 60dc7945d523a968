import { useEffect } from "preact/hooks";
import { escapeLine } from "../../base/escape.js";
import type { ListedRun } from "../shapes.js";
import { Controls } from "./parts/controls.js";
import { FleetState } from "./fleet/fleet-state.js";
import { Line, StatePill } from "./parts/text.js";
import type { Source } from "./sources/source.js";
import { stateOf, type KnownRun } from "./sources/use-run.js";
import { useRuns } from "./sources/use-runs.js";
import { counted, dollars, duration, percent, when } from "./words.js";

type HeadOptions = {
  source: Source;
  known: KnownRun;
  openRun(run: string): void;
  allRuns(): void;
  toQuestion(): void;
};

/** Which run it is, how it stands, what is wrong; what can be said to it, and the other runs. */
export function Head({ source, known, openRun, allRuns, toQuestion }: HeadOptions) {
  const { overview, lost, fleet } = known;
  if (overview === null) return null;
  const { run, aiName, steps, durationMs, endText, running, reading } = overview;
  const { state, stateText } = stateOf(overview, fleet);
  return (
    <header class="head">
      <div class="title">
        <h1>
          <Line text={aiName} />
        </h1>
        <StatePill {...{ state, stateText }} />
        <span class="faint">
          {counted(steps, "step")} · {duration(durationMs)}
        </span>
        {overview.question !== null && <ToQuestion go={toQuestion} />}
        <span class="space" />
        <button type="button" class="quiet" id="all-runs" onClick={allRuns}>
          All runs
        </button>
        <RunChoice {...{ source, run, state, openRun }} />
      </div>
      {endText !== null && (
        <p class="end" role="status" tabIndex={0}>
          <Line text={endText} />
        </p>
      )}
      {fleet !== null && <FleetState {...{ source, run, fleet }} />}
      {source.live && fleet === null && state !== "task-complete" && <Controls {...{ source, run, running }} />}
      {reading !== null && (
        <p class="reading" role="status">
          Reading the journal: {percent(reading, 1)}. Until then this is what its beginning and its end say.
        </p>
      )}
      {overview.problems.length > 0 && (
        <p class="banner" role="alert">
          <Line text={overview.problems[0] ?? ""} />
          {overview.problems.length > 1 && ` And ${counted(overview.problems.length - 1, "other problem")}, see below.`}
        </p>
      )}
      {lost && (
        <p class="banner" role="alert">
          The viewer cannot be reached any more. What stands here is how the run was; it goes on by itself once autogpt
          view runs again.
        </p>
      )}
    </header>
  );
}

/** Leads to the question, wherever the page stands. */
function ToQuestion({ go }: { go(): void }) {
  const pressed = (): void => {
    go();
    // Once the part of the page that it stands in is shown.
    setTimeout(() => {
      const approve =
        document.querySelector<HTMLElement>("#approve") ?? document.querySelector<HTMLElement>("#question");
      approve?.scrollIntoView({ block: "center" });
      approve?.focus();
    });
  };
  return (
    <button type="button" class="quiet" id="to-question" onClick={pressed}>
      To the question
    </button>
  );
}

type ChoiceOptions = { source: Source; run: string; state: string; openRun(run: string): void };

/** All runs of the folder, the newest first; behind them those of other folders. */
function RunChoice({ source, run, state, openRun }: ChoiceOptions) {
  const { runs, look } = useRuns(source, null);
  useEffect(look, [source, run, state]);
  if (runs === null || runs.length < 2) return <span class="mono faint">{run}</span>;
  return (
    <select
      {...{ class: "runs", "aria-label": "Run", value: run, onFocus: look }}
      onChange={(event) => openRun(event.currentTarget.value)}
    >
      {choicesOf(runs, run).map((one) => (
        <option key={one.run} value={one.run}>
          {[
            one.id,
            when(one.started),
            escapeLine(one.stateText),
            counted(one.steps, "step"),
            dollars(one.costUsd),
            escapeLine(one.aiName ?? ""),
            ...(one.home === null ? [] : [escapeLine(one.home)]),
          ].join(" · ")}
        </option>
      ))}
    </select>
  );
}

/** A menu with more would be slow to open; the list of all runs has them. */
const mostChoices = 200;

function choicesOf(runs: readonly ListedRun[], current: string): readonly ListedRun[] {
  const own = runs.findIndex(({ run }) => run === current);
  return own < mostChoices ? runs.slice(0, mostChoices) : [...runs.slice(0, mostChoices - 1), runs[own] as ListedRun];
}
