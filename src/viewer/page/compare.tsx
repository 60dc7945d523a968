import { useMemo, useRef, useState } from "preact/hooks";
import type { Overview, StepRow } from "../shapes.js";
import { Goals } from "./parts/goals.js";
import { Card, Line, Pill, StatePill } from "./parts/text.js";
import type { Source } from "./sources/source.js";
import { stateOf, useRun, type KnownRun } from "./sources/use-run.js";
import { VirtualList } from "./steps/virtual-list.js";
import { counted, dollars, duration, percent, short, stepState } from "./words.js";

type Pair = { step: number; one: StepRow | undefined; other: StepRow | undefined };

type CompareOptions = {
  source: Source;
  runs: readonly [string, string];
  open(run: string, step: number): void;
  allRuns(): void;
};

/** Two runs side by side: figures, goals, and their steps by number, from the first that differs on. */
export function Compare({ source, runs, open, allRuns }: CompareOptions) {
  const sides = [useRun(source, runs[0]), useRun(source, runs[1])] as const;
  const [one, other] = sides;
  const pairs = useMemo(() => pairsOf(one.rows, other.rows), [one.rows, other.rows]);
  const count = pairs.length;
  const parted = pairs.find((pair) => pair.one?.same !== pair.other?.same)?.step ?? null;
  const [chosen, setChosen] = useState(-1);
  const place = useRef<HTMLDivElement>(null);
  return (
    <main class="compare">
      <Head allRuns={allRuns} />
      <div class="sides">
        {sides.map((side, index) => (
          <Side key={runs[index]} run={runs[index] ?? ""} known={side} />
        ))}
      </div>
      <Parted {...{ count, parted, go: (step) => setChosen(step - 1) }} />
      {count > 0 && (
        <VirtualList
          {...{
            items: pairs,
            rowHeight: 44,
            label: "Steps of both runs",
            chosen,
            place,
            follow: false,
            onChoose: setChosen,
          }}
          keyOf={({ step }) => String(step)}
          show={(pair) => <PairRow {...pair} />}
          onOpen={(at) => {
            const { step, one: first } = pairs[at] as Pair;
            open(first === undefined ? runs[1] : runs[0], step);
          }}
        />
      )}
    </main>
  );
}

function pairsOf(one: readonly StepRow[], other: readonly StepRow[]): Pair[] {
  const known = [one, other].map((rows) => new Map(rows.map((row) => [row.step, row])));
  return Array.from({ length: Math.max(one.at(-1)?.step ?? 0, other.at(-1)?.step ?? 0) }, (_none, at) => ({
    ...{ step: at + 1, one: known[0]?.get(at + 1), other: known[1]?.get(at + 1) },
  }));
}

const Head = ({ allRuns }: Pick<CompareOptions, "allRuns">) => (
  <header class="head">
    <div class="title">
      <h1>Two runs</h1>
      <span class="space" />
      <button type="button" class="quiet" id="all-runs" onClick={allRuns}>
        All runs
      </button>
    </div>
  </header>
);

type PartedOptions = { count: number; parted: number | null; go(step: number): void };

const Parted = ({ count, parted, go }: PartedOptions) => (
  <p class="parted" role="status">
    {count === 0
      ? "Neither run has steps."
      : parted === null
        ? "Their steps are the same."
        : `They part at step ${parted}.`}
    {parted !== null && (
      <button type="button" class="quiet" onClick={() => go(parted)}>
        Go there
      </button>
    )}
  </p>
);

function Side({ run, known: { overview, fleet } }: { run: string; known: KnownRun }) {
  if (overview === null) return <section class="side empty">Reading {run} …</section>;
  const { state, stateText } = stateOf(overview, fleet);
  return (
    <section class="side" aria-label={run}>
      <Card title={run.slice(-4)} aside={<StatePill {...{ state, stateText }} />}>
        <Line text={overview.aiName} />
        <p class="faint">{figures(overview)}</p>
      </Card>
      <Goals goals={overview.goals} />
    </section>
  );
}

const figures = ({ steps, durationMs, money, totals }: Overview): string =>
  [
    counted(steps, "step"),
    duration(durationMs),
    dollars(money.settledUsd),
    `${short(totals.promptTokens + totals.completionTokens)} tokens`,
    `${percent(totals.cachedTokens, totals.promptTokens)} from cache`,
  ].join(" · ");

function PairRow({ step, one, other }: Pair) {
  return (
    <div class={one?.same === other?.same ? "pair" : "pair differs"}>
      <span class="number">{step}</span>
      <Half row={one} />
      <Half row={other} />
    </div>
  );
}

function Half({ row }: { row: StepRow | undefined }) {
  if (row === undefined) return <span class="half faint">—</span>;
  const { word, tone } = stepState(row.state, row.ok);
  return (
    <span class="half">
      <b class="mono">
        <Line text={row.command ?? "…"} />
      </b>{" "}
      <Line text={row.brief} className="mono faint" />
      <span class="space" />
      <Pill tone={tone}>{word}</Pill>
    </span>
  );
}
