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
  const reading = createReading(file, () => watchers.forEach((watcher) => watcher.begin()));
  let holder: number | null = null;
  let busy: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const overview = (): Overview | null => reading.now().view.overview(holder, words);
  const lookOnce = async (): Promise<void> => {
    const before = holder;
    const more = await reading.on();
    holder = lockHolderOf(home, run);
    if (more || before !== holder) for (const watcher of watchers) watcher.tell(reading.now().steps, overview());
  };
  const look = (): Promise<void> => (busy = busy.then(lookOnce));
  const repeat = (): void => {
    timer = setTimeout(() => void look().then(() => (watchers.size > 0 ? repeat() : undefined)), lookMs);
  };
  return {
    file,
    look,
    overview,
    rows: () => reading.now().steps.rows,
    watch(send) {
      const watcher = createWatcher(send);
      watchers.add(watcher);
      watcher.tell(reading.now().steps, overview());
      send({ kind: "ready" });
      if (watchers.size === 1) repeat();
      return () => {
        watchers.delete(watcher);
        if (watchers.size === 0) clearTimeout(timer);
      };
    },
    eventsOf(what) {
      const { spans, agents } = reading.now();
      return readSpans(file, ("step" in what ? spans.get(what.step) : agents.get(what.agent)) ?? []);
    },
  };
}

/** What has been read of a journal; `begin` is called where all of it has to be read again. */
function createReading(file: string, begin: () => void): { now(): Read; on(): Promise<boolean> } {
  let [tail, read] = [openTail(file), nothingRead()];
  let lastProblem = "";
  const on = async (): Promise<boolean> => {
    const now = read;
    const state = await tail.read({
      event: (event, span) => take(now, event, span),
      damaged: (line) => now.view.problem(`Line ${line} of the journal is not as it was written.`),
    });
    if (state !== "anew") return state === "more";
    [tail, read] = [openTail(file), nothingRead()];
    begin();
    await on();
    return true;
  };
  return {
    now: () => read,
    on: () =>
      on().catch((thrown: unknown) => {
        const problem = messageOf(thrown);
        if (problem !== lastProblem) read.view.problem(problem);
        lastProblem = problem;
        return false;
      }),
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
