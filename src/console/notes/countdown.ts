import { setTimer, type SetTimer } from "../../base/abort.js";
import type { Listener } from "../../history/emit.js";
import type { Screen } from "../screen.js";
import { durationText } from "../text/words.js";

/**
 * Tells now and then how long the wait for the model's server still takes, more often towards its end. Where a live line
 * is shown, that one does.
 */
export function createCountdown(screen: Pick<Screen, "note" | "live">, timer: SetTimer = setTimer): Listener {
  let clear = (): void => undefined;
  const tell = (leftMs: number): void => {
    const mark = nextMark(leftMs);
    if (mark === undefined) return;
    clear = timer(() => {
      screen.note(`Trying again in ${durationText(mark)}.`);
      tell(mark);
    }, leftMs - mark);
  };
  return (event) => {
    clear();
    clear = () => undefined;
    if (event.type === "model-retry" && !screen.live) tell(event.waitMs);
  };
}

const minute = 60_000;
const hour = 60 * minute;
/** What is left, in milliseconds, where a line is written; above an hour at each full one. */
const marks = [hour, 30 * minute, 10 * minute, 5 * minute, 2 * minute, minute, 30_000, 10_000];

const nextMark = (leftMs: number): number | undefined =>
  leftMs > 2 * hour ? (Math.ceil(leftMs / hour) - 1) * hour : marks.find((mark) => mark < leftMs);
