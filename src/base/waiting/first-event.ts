import type { EventEmitter } from "node:events";

/** What each event means for whoever waits: the value that its listener returns, or the error that it throws. */
export type Outcomes<Result> = Readonly<Record<string, (...given: never[]) => Result>>;

/** `late` decides after `ms` milliseconds, counted from now or from the event `from`. */
export type Deadline<Result> = { ms: number; from?: string; late(): Result };

/**
 * Waits for the first of these events, or for the deadline. It listens to all of them before it returns, so that none
 * can come too early, and to none of them afterwards. The deadline's timer keeps the process alive, and what has
 * happened before it counts, even where nobody had the time to hear of it.
 */
export function firstEvent<Result>(
  source: EventEmitter,
  outcomes: Outcomes<Result>,
  deadline?: Deadline<Result>,
): Promise<Result> {
  const undo: (() => void)[] = [];
  const waiting = new Promise<Result>((resolve, reject) => {
    const decide = (outcome: () => Result): void => {
      try {
        resolve(outcome());
      } catch (thrown) {
        reject(thrown as Error);
      }
    };
    const listen = (event: string, act: (...given: never[]) => void): void => {
      source.on(event, act as () => void);
      undo.push(() => void source.off(event, act as () => void));
    };
    for (const [event, outcome] of Object.entries(outcomes))
      listen(event, (...given) => decide(() => outcome(...given)));
    if (deadline === undefined) return;
    const begin = (): void => {
      // Behind a busy moment timers come first; what waited beside them is heard before the immediate.
      const timer = setTimeout(() => setImmediate(() => decide(deadline.late)), deadline.ms);
      undo.push(() => clearTimeout(timer));
    };
    if (deadline.from === undefined) begin();
    else listen(deadline.from, begin);
  });
  return waiting.finally(() => undo.forEach((stop) => stop()));
}
