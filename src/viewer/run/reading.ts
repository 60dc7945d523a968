import { messageOf } from "../../errors.js";
import type { JournalEvent } from "../../history/events.js";
import { openTail, type Span, type TailState } from "./journal-tail.js";
import { createRunView, type RunView } from "./run-view.js";
import { createStepRows, stepOf, type StepRows } from "./step-rows.js";

/** What has been read of a journal: what the run is, its steps, and where the events of a step or a sub-agent stand. */
export type Read = { view: RunView; steps: StepRows; spans: Map<number, Span[]>; agents: Map<string, Span[]> };

export interface Reading {
  now(): Read;
  /** Reads on; what goes wrong is a problem of the run, said once. */
  on(): Promise<Exclude<TailState, "anew">>;
  /** How much of the journal has been read, from 0 to 1. */
  share(): number;
}

const nothingRead = (): Read => ({
  view: createRunView(),
  steps: createStepRows(),
  spans: new Map(),
  agents: new Map(),
});

/** `begin` is called where all of the journal has to be read again. */
export function createReading(file: string, begin: () => void): Reading {
  let [tail, read] = [openTail(file), nothingRead()];
  let lastProblem = "";
  const on = async (): Promise<Exclude<TailState, "anew">> => {
    const now = read;
    const state = await tail.read({
      event: (event, span) => take(now, event, span),
      damaged: (line) => now.view.problem(`Line ${line} of the journal is not as it was written.`),
    });
    lastProblem = "";
    if (state !== "anew") return state;
    [tail, read] = [openTail(file), nothingRead()];
    begin();
    return (await on()) === "part" ? "part" : "more";
  };
  return {
    now: () => read,
    share: () => tail.share(),
    on: () =>
      on().catch((thrown: unknown) => {
        const problem = problemOf(thrown);
        if (problem === lastProblem) return "same";
        read.view.problem(problem);
        lastProblem = problem;
        return "more";
      }),
  };
}

const problemOf = (thrown: unknown): string =>
  (thrown as NodeJS.ErrnoException).code === "ENOENT"
    ? "The journal is gone. What stands here is how the run was."
    : messageOf(thrown);

function take({ view, steps, spans, agents }: Read, event: JournalEvent, span: Span): void {
  try {
    view.follow(event);
    steps.follow(event);
  } catch (thrown) {
    view.problem(`Event ${event.seq} cannot be shown: ${messageOf(thrown)}`);
  }
  const step = stepOf(event);
  if (step !== null) add(spans, step, span);
  if (event.type === "agent-message") add(agents, event.key, span);
}

function add<Key>(places: Map<Key, Span[]>, key: Key, span: Span): void {
  const known = places.get(key);
  if (known) known.push(span);
  else places.set(key, [span]);
}
