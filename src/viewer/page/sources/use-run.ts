import { useEffect, useState } from "preact/hooks";
import type { Overview, StepRow, Update } from "../../shapes.js";
import type { Source } from "./source.js";

/** A run as far as the page knows it. `rows` is another array whenever a row has changed. */
export type KnownRun = { overview: Overview | null; rows: readonly StepRow[]; ready: boolean; lost: boolean };

const nothing: KnownRun = { overview: null, rows: [], ready: false, lost: false };

/** Follows a run for as long as the component is there; what comes at once is shown at once. */
export function useRun(source: Source, run: string | null): KnownRun {
  const [known, setKnown] = useState(nothing);
  useEffect(() => {
    setKnown(nothing);
    if (run === null) return undefined;
    let now = nothing;
    let waiting = false;
    const show = (): void => {
      waiting = false;
      setKnown(now);
    };
    const stop = source.follow(run, (update) => {
      now = after(now, update);
      if (waiting) return;
      waiting = true;
      queueMicrotask(show);
    });
    return stop;
  }, [source, run]);
  return known;
}

function after(known: KnownRun, update: Update | { kind: "lost" }): KnownRun {
  switch (update.kind) {
    case "overview":
      return { ...known, overview: update.overview, lost: false };
    case "rows": {
      const rows = [...known.rows];
      for (const row of update.rows) rows[row.step - 1] = row;
      return { ...known, rows, lost: false };
    }
    case "ready":
      return { ...known, ready: true, lost: false };
    case "anew":
      return { ...known, rows: [], ready: false, lost: false };
    case "lost":
      return { ...known, lost: true };
    case "alive":
      return known.lost ? { ...known, lost: false } : known;
  }
}
