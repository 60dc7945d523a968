import { useEffect, useState } from "preact/hooks";
import type { FleetView, Overview, StepRow, Update } from "../../shapes.js";
import type { Source } from "./source.js";

/**
 * A run as far as the page knows it. `rows` is another array whenever a row has changed; steps may be missing between them while
 * a long journal is read. `problems`: what is wrong with a journal that nothing can be shown of. `fleet`: where it stands in its fleet.
 */
export type KnownRun = {
  overview: Overview | null;
  fleet: FleetView | null;
  rows: readonly StepRow[];
  ready: boolean;
  lost: boolean;
  problems: readonly string[];
};

const nothing: KnownRun = { overview: null, fleet: null, rows: [], ready: false, lost: false, problems: [] };

/** How long what is heard is gathered before it is shown, in milliseconds. */
const gatherMs = 30;

type Heard = Update | { kind: "lost" };

/** Follows a run for as long as the component is there. What is heard first is shown at once, the rest some times a second. */
export function useRun(source: Source, run: string | null): KnownRun {
  const [known, setKnown] = useState(nothing);
  useEffect(() => {
    setKnown(nothing);
    if (run === null) return undefined;
    let now = nothing;
    let heard: Heard[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (): void => {
      timer = undefined;
      now = after(now, heard);
      heard = [];
      setKnown(now);
    };
    const stop = source.follow(run, (update) => {
      heard.push(update);
      timer ??= setTimeout(show, now === nothing ? 0 : gatherMs);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [source, run]);
  return known;
}

function after(known: KnownRun, heard: readonly Heard[]): KnownRun {
  const next = { ...known };
  for (const update of heard) {
    next.lost = update.kind === "lost";
    if (update.kind === "overview") next.overview = update.overview;
    else if (update.kind === "rows") next.rows = merged(next.rows, update.rows);
    else if (update.kind === "fleet") next.fleet = update.fleet;
    else if (update.kind === "ready") Object.assign(next, { ready: true, problems: update.problems });
    else if (update.kind === "anew") Object.assign(next, { rows: [], ready: false });
  }
  return next;
}

/** Both in the order of their steps; where both have one, that of `more`. */
function merged(rows: readonly StepRow[], more: readonly StepRow[]): StepRow[] {
  const [first] = more;
  if (first === undefined || (rows.at(-1)?.step ?? 0) < first.step) return [...rows, ...more];
  const all: StepRow[] = [];
  let at = 0;
  for (const row of more) {
    for (; at < rows.length && (rows[at] as StepRow).step < row.step; at += 1) all.push(rows[at] as StepRow);
    if (rows[at]?.step === row.step) at += 1;
    all.push(row);
  }
  return [...all, ...rows.slice(at)];
}

/** The row of a step; undefined where it is not known. */
export const rowOf = (rows: readonly StepRow[], step: number): StepRow | undefined =>
  rows[step - 1]?.step === step ? rows[step - 1] : rows.find((row) => row.step === step);

/** How a run stands: that of a fleet as its store says it. */
export const stateOf = (overview: Overview, fleet: FleetView | null): Pick<Overview, "state" | "stateText"> =>
  fleet?.status ? fleet : overview;
