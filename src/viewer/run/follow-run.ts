import { messageOf } from "../../errors.js";
import { journalFile } from "../../history/run-log.js";
import { lockHolderOf, runDirectory } from "../../history/runs.js";
import type { JournalEvent } from "../../history/events.js";
import type { Overview, StepRow, Update } from "../shapes.js";
import { openTail, readSpans, type Span } from "./journal-tail.js";
import { createRunView, type RunView, type StateWords } from "./run-view.js";
import { createStepRows, type StepRows } from "./step-rows.js";

/** How often a journal is looked at while somebody watches, in milliseconds: a stat, which any file system answers. */
const lookMs = 80;
/** Rows that are sent in one line. */
const rowsAtOnce = 1_000;

/** A run that is followed for as long as it is looked at. */
export interface FollowedRun {
  readonly file: string;
  /** Reads what is new, and tells the watchers. */
  look(): Promise<void>;
  overview(): Overview | null;
  rows(): readonly StepRow[];
  /** Sends all that is known, and what becomes known, until the returned function is called. */
  watch(send: (update: Update) => void): () => void;
  /** The events of a step, or of a sub-agent. */
  eventsOf(what: { step: number } | { agent: string }): Promise<JournalEvent[]>;
}

type Read = { view: RunView; steps: StepRows; spans: Map<number, Span[]>; agents: Map<string, Span[]> };

const nothingRead = (): Read => ({
  view: createRunView(),
  steps: createStepRows(),
  spans: new Map(),
  agents: new Map(),
});

export function followRun(home: string, run: string, words: StateWords): FollowedRun {
  const file = journalFile(runDirectory(home, run));
  const watchers = new Set<Watcher>();
  let [tail, read] = [openTail(file), nothingRead()];
  let last: { holder: number | null; problem: string } = { holder: null, problem: "" };
  let busy: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const overview = (): Overview | null => read.view.overview(last.holder, words);
  const readOn = async (): Promise<boolean> => {
    const now = read;
    const state = await tail.read({
      event: (event, span) => take(now, event, span),
      damaged: (line) => now.view.problem(`Line ${line} of the journal is not as it was written.`),
    });
    if (state !== "anew") return state === "more";
    [tail, read] = [openTail(file), nothingRead()];
    for (const watcher of watchers) watcher.begin();
    await readOn();
    return true;
  };
  const lookOnce = async (): Promise<void> => {
    const before = last.holder;
    const more = await readOn().catch((thrown: unknown) => {
      const problem = messageOf(thrown);
      if (problem !== last.problem) read.view.problem(problem);
      last.problem = problem;
      return false;
    });
    last.holder = lockHolderOf(home, run);
    if (more || before !== last.holder) for (const watcher of watchers) watcher.tell(read.steps, overview());
  };
  const look = (): Promise<void> => (busy = busy.then(lookOnce));
  const repeat = (): void => {
    timer = setTimeout(() => void look().then(() => (watchers.size > 0 ? repeat() : undefined)), lookMs);
  };
  return {
    file,
    look,
    overview,
    rows: () => read.steps.rows,
    watch(send) {
      const watcher = createWatcher(send);
      watchers.add(watcher);
      watcher.tell(read.steps, overview());
      send({ kind: "ready" });
      if (watchers.size === 1) repeat();
      return () => {
        watchers.delete(watcher);
        if (watchers.size === 0) clearTimeout(timer);
      };
    },
    eventsOf: (what) =>
      readSpans(file, ("step" in what ? read.spans.get(what.step) : read.agents.get(what.agent)) ?? []),
  };
}

function take({ view, steps, spans, agents }: Read, event: JournalEvent, span: Span): void {
  try {
    view.follow(event);
    steps.follow(event);
  } catch (thrown) {
    view.problem(`Event ${event.seq} cannot be shown: ${messageOf(thrown)}`);
  }
  if ("step" in event && typeof event.step === "number" && event.type !== "run-resumed") add(spans, event.step, span);
  if (event.type === "agent-message") add(agents, event.key, span);
}

function add<Key>(places: Map<Key, Span[]>, key: Key, span: Span): void {
  const known = places.get(key);
  if (known) known.push(span);
  else places.set(key, [span]);
}

type Watcher = { begin(): void; tell(steps: StepRows, overview: Overview | null): void };

function createWatcher(send: (update: Update) => void): Watcher {
  let sent = 0;
  return {
    begin() {
      sent = 0;
      send({ kind: "anew" });
    },
    tell(steps, overview) {
      if (overview !== null) send({ kind: "overview", overview });
      const rows = steps.since(sent);
      sent = steps.changed;
      for (let at = 0; at < rows.length; at += rowsAtOnce)
        send({ kind: "rows", rows: rows.slice(at, at + rowsAtOnce) });
    },
  };
}
