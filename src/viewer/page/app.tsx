import { useEffect, useState } from "preact/hooks";
import { escapeLine } from "../../base/escape.js";
import type { ListedRun, Overview, Start } from "../shapes.js";
import { Compare } from "./compare.js";
import { StepView } from "./detail/step-view.js";
import { Controls } from "./parts/controls.js";
import { About } from "./parts/about.js";
import { Answer, Goals } from "./parts/goals.js";
import { Memory } from "./parts/memory.js";
import { Money, Tokens } from "./parts/money.js";
import { Question } from "./parts/question.js";
import { Subagents } from "./parts/subagents.js";
import { Line, Pill } from "./parts/text.js";
import type { Source } from "./sources/source.js";
import { rowOf, useRun, type KnownRun } from "./sources/use-run.js";
import { StepList } from "./steps/step-list.js";
import { counted, dollars, duration, percent, stateTone, when } from "./words.js";

type Shown = { runs: readonly string[]; step: number | null };

export function App({ start, source }: { start: Start; source: Source }) {
  const [shown, setShown] = useState<Shown>({ runs: start.runs.slice(0, 2), step: null });
  const violations = useViolations();
  const [one, other] = shown.runs;
  const openRun = (run: string): void => setShown({ runs: [run], step: null });
  return (
    <>
      {violations > 0 && (
        <p class="banner" role="alert">
          This page was asked to do {counted(violations, "thing")} that it does not do; the browser has refused. Please
          report this.
        </p>
      )}
      {one === undefined ? (
        <main class="nothing">
          <h1>No runs yet</h1>
          <p>
            There are no runs in <Line text={start.home} className="mono" />. <code>autogpt</code> starts one; this page
            shows it once it is opened again.
          </p>
        </main>
      ) : other === undefined ? (
        <Single
          {...{ source, run: one, step: shown.step, openRun }}
          setStep={(step) => setShown({ runs: [one], step })}
        />
      ) : (
        <Compare source={source} runs={[one, other]} open={(run, step) => setShown({ runs: [run], step })} />
      )}
    </>
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
  setStep(step: number | null): void;
};

function Single({ source, run, step, openRun, setStep }: SingleOptions) {
  const known = useRun(source, run);
  const { overview, rows } = known;
  const [tab, setTab] = useState<"overview" | "steps">("overview");
  useEffect(() => {
    document.title = overview === null ? "autogpt" : `${overview.stateText}: ${overview.aiName}`;
  }, [overview?.stateText, overview?.aiName]);
  const row = step === null ? undefined : rowOf(rows, step);
  const close = (): void => {
    setStep(null);
    document.querySelector<HTMLElement>(".list")?.focus();
  };
  if (overview === null) return <NotYet {...known} />;
  return (
    <>
      <Head {...{ source, known, openRun }} toQuestion={() => setTab("overview")} />
      <nav class="tabs" aria-label="Parts of the page">
        {(["overview", "steps"] as const).map((name) => (
          <button key={name} type="button" aria-pressed={tab === name} onClick={() => setTab(name)}>
            {name === "overview" ? "Overview" : `Steps (${overview.steps})`}
          </button>
        ))}
      </nav>
      <main class={`single show-${tab}${row === undefined ? "" : " with-step"}`}>
        <Side {...{ source, run, overview, rows }} open={setStep} />
        <StepList
          {...{ rows, count: Math.max(overview.steps, rows.length), running: overview.running }}
          {...{ opened: row?.step ?? null, open: setStep }}
          search={(text) => source.search(run, text)}
        />
        {row !== undefined && <StepView {...{ source, run, row, rows, open: setStep, close }} />}
      </main>
    </>
  );
}

/** While nothing is known of the run, or where nothing can be. */
const NotYet = ({ ready, problems }: Pick<KnownRun, "ready" | "problems">) => (
  <main class="nothing">
    <p>{ready ? "The journal of this run holds nothing that can be shown." : "Reading the run …"}</p>
    {problems.map((problem) => (
      <p key={problem} class="warning">
        <Line text={problem} />
      </p>
    ))}
  </main>
);

type SideOptions = {
  source: Source;
  run: string;
  overview: Overview;
  rows: KnownRun["rows"];
  open(step: number): void;
};

/** All that holds for the whole run: first what was proven and what it waits for. */
const Side = ({ source, run, overview, rows, open }: SideOptions) => (
  <div class="side-pane" tabIndex={0} role="group" aria-label="Overview">
    <Goals goals={overview.goals} />
    {overview.question !== null && <Question {...{ source, run, question: overview.question }} />}
    {overview.answer !== null && <Answer text={overview.answer} />}
    <Money {...{ overview, rows }} />
    <Tokens {...{ overview, rows }} />
    <Subagents {...{ source, run, agents: overview.subagents }} />
    {overview.reading === null && <Memory {...{ receipts: overview.receipts, run, open }} />}
    <About overview={overview} />
  </div>
);

type HeadOptions = { source: Source; known: KnownRun; openRun(run: string): void; toQuestion(): void };

function Head({ source, known, openRun, toQuestion }: HeadOptions) {
  const { overview, lost } = known;
  if (overview === null) return null;
  const { run, aiName, state, stateText, steps, durationMs, endText, running, reading } = overview;
  return (
    <header class="head">
      <div class="title">
        <h1>
          <Line text={aiName} />
        </h1>
        <Pill tone={stateTone(state)}>{stateText}</Pill>
        <span class="faint">
          {counted(steps, "step")} · {duration(durationMs)}
        </span>
        {overview.question !== null && <ToQuestion go={toQuestion} />}
        <span class="space" />
        <RunChoice {...{ source, run, state, openRun }} />
      </div>
      {endText !== null && (
        <p class="end" role="status" tabIndex={0}>
          <Line text={endText} />
        </p>
      )}
      {source.live && state !== "task-complete" && <Controls {...{ source, run, running }} />}
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
  const [runs, setRuns] = useState<readonly ListedRun[]>([]);
  const refresh = (): void => void source.runs().then(setRuns, () => undefined);
  useEffect(refresh, [source, run, state]);
  if (runs.length < 2) return <span class="mono faint">{run}</span>;
  return (
    <select
      {...{ class: "runs", "aria-label": "Run", value: run, onFocus: refresh }}
      onChange={(event) => openRun(event.currentTarget.value)}
    >
      {runs.map((one) => (
        <option key={one.run} value={one.run}>
          {[
            one.id,
            when(one.started),
            one.stateText,
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
