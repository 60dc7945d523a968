import { useEffect, useState } from "preact/hooks";
import type { Overview, Start } from "../shapes.js";
import { AllRuns } from "./all-runs.js";
import { Compare } from "./compare.js";
import { StepView } from "./detail/step-view.js";
import { Head } from "./head.js";
import { About } from "./parts/about.js";
import { FleetState } from "./fleet/fleet-state.js";
import { FleetProblem } from "./fleet/fleet-problem.js";
import { Answer, Goals } from "./parts/goals.js";
import { Guarded } from "./parts/guarded.js";
import { Memory } from "./parts/memory.js";
import { Money, Tokens } from "./parts/money.js";
import { Asked } from "./parts/question.js";
import { ServerQuestions } from "./parts/server-questions.js";
import { Subagents } from "./parts/subagents.js";
import { Line } from "./parts/text.js";
import type { Source } from "./sources/source.js";
import { rowOf, stateOf, useRun, type KnownRun } from "./sources/use-run.js";
import { useRuns } from "./sources/use-runs.js";
import { StepList } from "./steps/step-list.js";
import { counted } from "./words.js";

/** `list`: all runs are shown instead, to choose from. */
type Shown = { runs: readonly string[]; step: number | null; list?: boolean };

export function App({ start, source }: { start: Start; source: Source }) {
  const [shown, setShown] = useState<Shown>({ runs: start.runs.slice(0, 2), step: null });
  const violations = useViolations();
  const [one, other] = shown.runs;
  const openRun = (run: string): void => setShown({ runs: [run], step: null });
  const allRuns = (): void => setShown({ ...shown, list: true });
  return (
    <>
      {violations > 0 && (
        <p class="banner" role="alert">
          This page was asked to do {counted(violations, "thing")} that it does not do; the browser has refused. Please
          report this.
        </p>
      )}
      {one === undefined ? (
        <Nothing {...{ source, home: start.home, openRun }} />
      ) : shown.list === true ? (
        <AllRuns
          {...{ source, current: one }}
          open={(runs) => setShown({ runs, step: null })}
          back={() => setShown({ ...shown, list: false })}
        />
      ) : other === undefined ? (
        <Single
          {...{ source, run: one, step: shown.step, openRun, allRuns }}
          setStep={(step) => setShown({ runs: [one], step })}
        />
      ) : (
        <Compare {...{ source, allRuns }} runs={[one, other]} open={(run, step) => setShown({ runs: [run], step })} />
      )}
    </>
  );
}

const lookAgainMs = 1_000;

/** As long as there is no run; the first one is shown as soon as there is one. */
function Nothing({ source, home, openRun }: { source: Source; home: string; openRun(run: string): void }) {
  const { runs, problem } = useRuns(source, lookAgainMs);
  const first = runs?.[0]?.run;
  useEffect(() => {
    if (first !== undefined) openRun(first);
  }, [first]);
  return (
    <main class="nothing">
      <h1>No runs yet</h1>
      <p>
        There are no runs in <Line text={home} className="mono" />. <code>autogpt</code> starts one; it is shown here
        then.
      </p>
      <FleetProblem problem={problem} />
    </main>
  );
}

/** How often the browser has refused something that the content policy does not allow. */
function useViolations(): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const heard = (): void => setCount((before) => before + 1);
    document.addEventListener("securitypolicyviolation", heard);
    return () => document.removeEventListener("securitypolicyviolation", heard);
  }, []);
  return count;
}

type SingleOptions = {
  source: Source;
  run: string;
  step: number | null;
  openRun(run: string): void;
  allRuns(): void;
  setStep(step: number | null): void;
};

function Single({ source, run, step, openRun, allRuns, setStep }: SingleOptions) {
  const known = useRun(source, run);
  const { overview, rows, fleet } = known;
  const [tab, setTab] = useState<"overview" | "steps">("overview");
  const title = overview === null ? "autogpt" : `${stateOf(overview, fleet).stateText}: ${overview.aiName}`;
  useEffect(() => void (document.title = title), [title]);
  const row = step === null ? undefined : rowOf(rows, step);
  const count = Math.max(overview?.steps ?? 0, rows.length);
  const close = (): void => {
    setStep(null);
    document.querySelector<HTMLElement>(".list")?.focus();
  };
  if (overview === null) return <NotYet {...{ source, run, known, allRuns }} />;
  return (
    <>
      <Guarded>
        <Head {...{ source, known, openRun, allRuns }} toQuestion={() => setTab("overview")} />
      </Guarded>
      <nav class="tabs" aria-label="Parts of the page">
        {(["overview", "steps"] as const).map((name) => (
          <button key={name} type="button" aria-pressed={tab === name} onClick={() => setTab(name)}>
            {name === "overview" ? "Overview" : `Steps (${count})`}
          </button>
        ))}
      </nav>
      <main class={`single show-${tab}${row === undefined ? "" : " with-step"}`}>
        <Side {...{ source, run, overview, rows }} isOfFleet={fleet !== null} open={setStep} />
        <StepList
          {...{ rows, count, running: overview.running }}
          {...{ opened: row?.step ?? null, open: setStep }}
          search={(text) => source.search(run, text)}
        />
        {row !== undefined && <StepView {...{ source, run, row, rows, open: setStep, close }} />}
      </main>
    </>
  );
}

/** While nothing is known of the run, or where nothing can be. */
const NotYet = ({ source, run, known: { ready, problems, fleet }, allRuns }: NotYetOptions) => (
  <main class="nothing">
    {fleet?.status && (
      <h1>
        <Line text={fleet.status.aiName ?? run} />
      </h1>
    )}
    {fleet !== null && <FleetState {...{ source, run, fleet }} />}
    <p>
      {!ready
        ? "Reading the run …"
        : fleet === null
          ? "The journal of this run holds nothing that can be shown."
          : "It has no journal yet: that begins with its first worker."}
    </p>
    {problems.map((problem) => (
      <p key={problem} class="warning">
        <Line text={problem} />
      </p>
    ))}
    {fleet !== null && (
      <button type="button" class="quiet" id="all-runs" onClick={allRuns}>
        All runs
      </button>
    )}
  </main>
);

type NotYetOptions = { source: Source; run: string; known: KnownRun; allRuns(): void };

type SideOptions = {
  source: Source;
  run: string;
  overview: Overview;
  rows: KnownRun["rows"];
  isOfFleet: boolean;
  open(step: number): void;
};

/** All that holds for the whole run: first what was proven and what it waits for. */
const Side = ({ source, run, overview, rows, isOfFleet, open }: SideOptions) => (
  <div class="side-pane" tabIndex={0} role="group" aria-label="Overview">
    <Guarded>
      <Goals goals={overview.goals} />
    </Guarded>
    <Guarded>
      <Asked {...{ source, run, isOfFleet, question: overview.question }} key={run} />
    </Guarded>
    <Guarded>
      <ServerQuestions {...{ source, run, questions: overview.serverQuestions }} />
    </Guarded>
    <Guarded>{overview.answer !== null && <Answer text={overview.answer} />}</Guarded>
    <Guarded>
      <Money {...{ overview, rows }} />
      <Tokens {...{ overview, rows }} />
    </Guarded>
    <Guarded>
      <Subagents {...{ source, run, agents: overview.subagents }} />
    </Guarded>
    <Guarded>{overview.reading === null && <Memory {...{ receipts: overview.receipts, run, open }} />}</Guarded>
    <Guarded>
      <About overview={overview} />
    </Guarded>
  </div>
);
