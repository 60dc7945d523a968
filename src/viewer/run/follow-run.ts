import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../errors.js";
import { journalFile } from "../../history/run-log.js";
import { runDirectory } from "../../history/runs.js";
import type { JournalEvent } from "../../history/events.js";
import type { FleetView, Overview, StepRow, Update } from "../shapes.js";
import { fleetStanding } from "./fleet-standing.js";
import { glanceAt, type Glance } from "./glance.js";
import { readSpans, type Span } from "./journal-tail.js";
import { createReading, type Reading } from "./reading.js";
import { slowMs, type RunPlace } from "./run-place.js";
import type { StateWords } from "./run-view.js";
import { stepOf } from "./step-rows.js";

/** How often a journal is looked at while somebody watches, in milliseconds: a stat, which any file system answers. */
const lookMs = 80;
/** The same of a run of a fleet, whose store is asked each time. */
const fleetLookMs = 200;
/** Rows that are sent in one line. */
const rowsAtOnce = 1_000;

/** A run that is followed for as long as it is looked at. */
export interface FollowedRun {
  readonly place: RunPlace;
  readonly file: string;
  /** Reads what is new, and tells the watchers, also while it reads. */
  look(): Promise<void>;
  overview(): Overview | null;
  rows(): readonly StepRow[];
  /** Sends all that is known, and what becomes known, until the returned function is called. */
  watch(send: (update: Update) => void): () => void;
  isWatched(): boolean;
  /** The events of a step, or of a sub-agent. */
  eventsOf(what: { step: number } | { agent: string }): Promise<JournalEvent[]>;
  /** The events of all steps, read at once. */
  eventsOfSteps(): Promise<ReadonlyMap<number, readonly JournalEvent[]>>;
}

/** What a watcher is told: all of it, or, while a long journal is read, what its end has told already. */
type Known = {
  reading: Reading;
  glance: Glance | null;
  overview: Overview | null;
  fleet: FleetView | null;
  isRead: boolean;
};

export function followRun(place: RunPlace, words: StateWords): FollowedRun {
  const file = journalFile(runDirectory(place.home, place.run));
  const watchers = new Set<Watcher>();
  const reading = createReading(file, () => watchers.forEach((watcher) => watcher.begin()));
  let [running, isRead] = [false, false];
  let glance: Glance | null = null;
  let busy: Promise<void> = Promise.resolve();

  const overview = (): Overview | null => {
    const whole = reading.now().view;
    try {
      if (glance === null) return whole.overview(running, words);
      const early = glance.overview(running, words);
      return early === null ? null : { ...early, problems: [...whole.problems()], reading: reading.share() };
    } catch (thrown) {
      // The first event is not what a run's start is.
      if (isRead && whole.problems().length === 0) whole.problem(`This run cannot be shown: ${messageOf(thrown)}`);
      return null;
    }
  };
  const known = (): Known => ({ reading, glance, overview: overview(), fleet: fleetViewOf(place, words), isRead });
  const tell = (): void => watchers.forEach((watcher) => watcher.tell(known()));
  const lookOnce = async (): Promise<void> => {
    const before = running;
    await broughtHere(place, tell);
    running = place.isWorkedOn();
    if (!isRead) {
      glance = await glanceAt(file).catch(() => null);
      tell();
    }
    let state = await reading.on();
    for (; state === "part"; state = await reading.on()) tell();
    const wasRead = isRead;
    [glance, isRead] = [null, true];
    if (state !== "same" || before !== running || !wasRead) tell();
  };
  const look = (): Promise<void> => (busy = busy.then(lookOnce));
  return {
    ...{ place, file, look, overview, rows: () => reading.now().steps.rows },
    watch: watchBy(watchers, look, known, place.fleet === null ? lookMs : fleetLookMs),
    isWatched: () => watchers.size > 0,
    async eventsOf(what) {
      await busy;
      const { spans, agents } = reading.now();
      return readSpans(file, ("step" in what ? spans.get(what.step) : agents.get(what.agent)) ?? []);
    },
    async eventsOfSteps() {
      await busy;
      return eventsByStep(file, [...reading.now().spans.values()].flat());
    },
  };
}

function fleetViewOf({ fleet }: RunPlace, words: StateWords): FleetView | null {
  if (fleet === null) return null;
  const heard = fleet.heard();
  return { ...heard, ...(heard.status === null ? { state: "", stateText: "" } : fleetStanding(heard.status, words)) };
}

/** Where that takes long, or the store cannot be asked, the place says so itself, and watchers are told. */
async function broughtHere({ fleet }: RunPlace, tell: () => void): Promise<void> {
  if (fleet === null) return;
  const before = JSON.stringify(fleet.heard());
  const late = setTimeout(tell, slowMs + lookMs);
  await fleet.bring("journal").catch(() => undefined);
  clearTimeout(late);
  if (JSON.stringify(fleet.heard()) !== before) tell();
}

async function eventsByStep(file: string, spans: readonly Span[]): Promise<Map<number, JournalEvent[]>> {
  const steps = new Map<number, JournalEvent[]>();
  const inOrder = [...spans].sort((one, other) => one.start - other.start);
  for (const event of await readSpans(file, inOrder)) {
    const step = stepOf(event) ?? 0;
    const known = steps.get(step);
    if (known) known.push(event);
    else steps.set(step, [event]);
  }
  return steps;
}

/** Looks at the run again and again for as long as somebody watches it. */
function watchBy(
  watchers: Set<Watcher>,
  look: () => Promise<void>,
  known: () => Known,
  everyMs: number,
): FollowedRun["watch"] {
  let watched = new AbortController();
  const keepLooking = async ({ signal }: AbortController): Promise<void> => {
    while (!signal.aborted) {
      await look();
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  };
  return (send) => {
    const watcher = createWatcher(send);
    watchers.add(watcher);
    watcher.tell(known());
    if (watchers.size === 1) void keepLooking((watched = new AbortController()));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) watched.abort();
    };
  };
}

type Watcher = { begin(): void; tell(known: Known): void };

function createWatcher(send: (update: Update) => void): Watcher {
  let [sent, isReady] = [0, false];
  let seen: Glance | null = null;
  let sentFleet = "";
  const sendRows = (rows: readonly StepRow[]): void => {
    for (let at = 0; at < rows.length; at += rowsAtOnce) send({ kind: "rows", rows: rows.slice(at, at + rowsAtOnce) });
  };
  return {
    begin() {
      [sent, isReady, seen] = [0, false, null];
      send({ kind: "anew" });
    },
    tell({ reading, glance, overview, fleet, isRead }) {
      const { steps, view } = reading.now();
      const fleetNow = JSON.stringify(fleet);
      if (fleet !== null && fleetNow !== sentFleet) send({ kind: "fleet", fleet });
      sentFleet = fleetNow;
      if (overview !== null) send({ kind: "overview", overview });
      if (glance !== null && glance !== seen) sendRows(glance.rows);
      seen = glance;
      const rows = steps.since(sent);
      sent = steps.changed;
      sendRows(rows);
      if (isRead && !isReady) send({ kind: "ready", problems: view.problems() });
      isReady = isRead;
    },
  };
}
