import { onAbort, sleep, untilAborted } from "../../base/abort.js";
import { escapeText } from "../../base/escape.js";
import { listenToKeys } from "../../console/input/key-listener.js";
import type { Colour, Palette } from "../../console/palette.js";
import { openFullScreen } from "../../console/status/full-screen.js";
import { sizeOf, type Streams } from "../../console/streams.js";
import { cutToWidth } from "../../console/text/table.js";
import { costText } from "../../console/text/words.js";
import { messageOf } from "../../errors.js";
import { StoreDownError, type ListedRun, type RunState } from "../../fleet/store/run-store.js";
import { isOver } from "../../fleet/worker/status.js";
import {
  headLines,
  inUsd,
  lineOf,
  lookAt,
  queueAsJson,
  runAsJson,
  runTable,
  stateOf,
  type FleetView,
} from "./fleet-view.js";
import { withFleet, type Fleet } from "./with-fleet.js";

export type WatchOptions = {
  /** A JSON object for each change. */
  json: boolean;
  /** Whether the table may be drawn on the terminal of standard output. */
  isDrawn: boolean;
  streams: Pick<Streams, "stdin" | "stdout">;
  palette: Palette;
  signal: AbortSignal;
};

/** How often a fleet is looked at, and how much longer than a look itself it is waited at least, so that large ones are not kept busy by it. */
const [lookMs, timesLook] = [1_000, 10];

/** Shows a fleet, and what changes there, until `signal` is aborted or the person at the terminal wants no more. Throws SettingsError. */
export const watchFleet = (address: string | undefined, options: WatchOptions): Promise<void> =>
  withFleet(address, (fleet) =>
    options.json || !options.isDrawn ? watchChanges(fleet, options) : watchTable(fleet, options),
  );

/** Looks again and again; `show` is given what is there, or why nobody can tell. Returns when `signal` is aborted. */
async function look(
  fleet: Fleet,
  signal: AbortSignal,
  show: (view: FleetView | null, problem: string | null) => void,
): Promise<void> {
  while (!signal.aborted) {
    const begun = performance.now();
    try {
      show(await untilAborted(lookAt(fleet), signal), null);
    } catch (thrown) {
      if (signal.aborted) return;
      if (!(thrown instanceof StoreDownError)) throw thrown;
      show(null, messageOf(thrown));
    }
    await sleep(Math.max(lookMs, timesLook * (performance.now() - begun)), signal).catch(() => undefined);
  }
}

async function watchTable(fleet: Fleet, { streams, palette, signal }: WatchOptions): Promise<void> {
  const { stdin, stdout } = streams;
  const over = new AbortController();
  const stop = (): void => over.abort();
  let [last, problem] = [null as FleetView | null, null as string | null];
  const screen = openFullScreen(stdout, () => draw());
  const draw = (): void => {
    const size = sizeOf(stdout);
    const lines = last === null ? [] : linesOf(last, size, palette, new Date());
    screen.show(
      problem === null ? lines : [palette("red", fitted(problem, size.columns)), ...lines].slice(0, size.rows),
    );
  };
  const stopListening = [
    onAbort(signal, stop),
    ...(stdin.isTTY === true
      ? [listenToKeys(stdin, { escape: stop, interrupt: stop, typed: (text) => /q/i.test(text) && stop() })]
      : []),
  ];
  try {
    await look(fleet, over.signal, (view, why) => {
      [last, problem] = [view ?? last, why];
      draw();
    });
  } finally {
    for (const end of stopListening) end();
    screen.end();
  }
}

/** What is at work comes first, then what waits for somebody; what is over comes last. */
const order: Record<RunState, number> = { running: 0, parked: 1, submitting: 2, waiting: 3, ended: 4, cancelled: 5 };
const colours: Partial<Record<RunState, Colour>> = { running: "cyan", parked: "yellow", cancelled: "dim" };

const colourOf = ({ status }: ListedRun): Colour | undefined =>
  status.state === "ended" ? (status.exitCode === 0 ? "green" : "red") : colours[status.state];

/** One column stays free: behind a full line terminals differ in where the cursor is. */
const fitted = (text: string, columns: number): string => cutToWidth(escapeText(text), columns - 1);

function linesOf(
  view: FleetView,
  { rows, columns }: { rows: number; columns: number },
  palette: Palette,
  now: Date,
): string[] {
  const head = headLines(view).map((line) => fitted(line, columns));
  const room = rows - head.length - 3;
  const runs = [...view.runs].sort((one, other) => order[one.status.state] - order[other.status.state]);
  if (runs.length === 0 || room < 1) return head.slice(0, rows);
  const shown = runs.slice(0, room);
  // A table is never narrower than what its columns need.
  const [headings = "", ...lines] = runTable(shown, columns - 1, now)
    .split("\n")
    .map((line) => cutToWidth(line, columns - 1));
  const more = runs.length - shown.length;
  return [
    ...head,
    "",
    palette("dim", headings),
    ...lines.map((line, index) => {
      const one = shown[index];
      const colour = one === undefined ? undefined : colourOf(one);
      return colour === undefined ? line : palette(colour, line);
    }),
    ...(more > 0 ? [palette("dim", `… and ${more} more`)] : []),
  ];
}

/** Something of a fleet that may change: as it is told, and whether it is when the watching begins. */
type Fact = { told: object; text: string; isNews: boolean };

/** A line for each thing that is there, and then for each change. */
async function watchChanges(fleet: Fleet, { json, streams, signal }: WatchOptions): Promise<void> {
  const { stdout } = streams;
  const known = new Map<string, string>();
  const print = (told: object, text: string): void => {
    const time = new Date().toISOString();
    stdout.write(`${json ? JSON.stringify({ time, ...told }) : escapeText(`${time} ${text}`)}\n`);
  };
  let isFirst = true;
  const gone = new AbortController();
  const stopListening = onAbort(signal, () => gone.abort());
  // Whoever reads it has ended.
  stdout.once("close", () => gone.abort());
  await look(fleet, gone.signal, (view, problem) => {
    const facts = view === null ? new Map([["problem", problemFact(problem ?? "")]]) : factsOf(view);
    for (const [key, { told, text, isNews }] of facts) {
      const now = json ? JSON.stringify(told) : text;
      if (known.get(key) !== now && (json || isNews || !isFirst)) print(told, text);
      known.set(key, now);
    }
    if (view === null) return;
    for (const key of known.keys()) {
      if (facts.has(key)) continue;
      known.delete(key);
      const [type = "", ...name] = key.split(" ");
      if (name.length > 0) print({ type, [type]: name.join(" "), gone: true }, `${key} is gone`);
    }
    isFirst = false;
  });
  stopListening();
}

const problemFact = (message: string): Fact => ({ told: { type: "problem", message }, text: message, isNews: true });

/** What there is, by a key for each; those of runs and workers end with their names. */
function factsOf(view: FleetView): Map<string, Fact> {
  const { workers, budget, runs } = view;
  const { limitUsd } = inUsd(budget);
  const mayCost = limitUsd === null ? "All runs may cost what they want" : `All runs may cost $${limitUsd}`;
  const facts = new Map<string, Fact>([
    ["queue", { told: { type: "queue", ...queueAsJson(view) }, text: lineOf(view), isNews: true }],
    ["budget", { told: { type: "budget", ...inUsd(budget) }, text: mayCost, isNews: false }],
  ]);
  for (const one of workers) {
    const { worker, tags, concurrency } = one;
    const text = `worker ${worker}${tags.length === 0 ? "" : ` with the tags ${tags.join(",")}`}, ${concurrency} at a time`;
    facts.set(`worker ${worker}`, { told: { type: "worker", ...one }, text, isNews: true });
  }
  for (const one of runs) {
    facts.set(`run ${one.run}`, {
      told: { type: "run", ...runAsJson(one, workers) },
      text: runText(one),
      isNews: !isOver(one.status),
    });
  }
  return facts;
}

function runText({ run, status, order: asked }: ListedRun): string {
  const { steps, costUsd, aiName = "", state } = status;
  // Of one at work each step would be a line.
  const sofar = state === "running" ? "" : `, ${steps} steps, ${costText({ costUsd })}`;
  return `run ${run} ${stateOf({ status, order: asked })}${sofar} (${aiName})`;
}
