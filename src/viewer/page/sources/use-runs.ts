import { useEffect, useState } from "preact/hooks";
import type { ListedRun } from "../../shapes.js";
import type { Source } from "./source.js";

/** The runs, looked at again and again while they are shown, so many milliseconds apart; null before the first time. */
export function useRuns(source: Source, againMs: number): readonly ListedRun[] | null {
  const [runs, setRuns] = useState<readonly ListedRun[] | null>(null);
  useEffect(() => {
    const look = (): void => void source.runs().then(setRuns, () => undefined);
    look();
    const timer = source.live ? setInterval(look, againMs) : undefined;
    return () => clearInterval(timer);
  }, [source, againMs]);
  return runs;
}
