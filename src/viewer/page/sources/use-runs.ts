import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ListedFleet, ListedRun } from "../../shapes.js";
import type { Source } from "./source.js";

/** `runs`: null before the first time; those of a fleet come behind the others. `problem`: why these may not be all of the fleet's. */
export type KnownRuns = { runs: readonly ListedRun[] | null; problem: string | null; look(): void };

/** All runs, looked at again and again while they are shown, so many milliseconds apart; null: when `look` is called. */
export function useRuns(source: Source, againMs: number | null): KnownRuns {
  const [own, setOwn] = useState<readonly ListedRun[] | null>(null);
  const [fleet, setFleet] = useState<ListedFleet | null>(null);
  const asked = useRef(false);
  const look = (): void => {
    source.runs().then(setOwn, () => undefined);
    // A store that is slow is asked once at a time; the runs of the folder do not wait for it.
    if (asked.current) return;
    asked.current = true;
    void source
      .fleet()
      .then(setFleet, () => undefined)
      .then(() => (asked.current = false));
  };
  useEffect(() => {
    look();
    const timer = source.live && againMs !== null ? setInterval(look, againMs) : undefined;
    return () => clearInterval(timer);
  }, [source, againMs]);
  const runs = useMemo(() => (own === null ? null : joined(own, fleet?.runs ?? [])), [own, fleet]);
  return { runs, problem: fleet?.problem ?? null, look };
}

/** Where both have a run of one name, that of the folder is the one that is opened by it. */
function joined(own: readonly ListedRun[], others: readonly ListedRun[]): readonly ListedRun[] {
  const names = new Set(own.map(({ run }) => run));
  return [...own, ...others.filter(({ run }) => !names.has(run))];
}
