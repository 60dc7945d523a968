import { setTimer, type SetTimer } from "../base/abort.js";
import { monotonicMs } from "../base/stopwatch.js";
import type { Screen } from "./screen.js";
import { durationText } from "./text/words.js";

/** Shows how long a wait still takes. */
export type Countdown = { start(milliseconds: number): void; stop(): void };

/** On a terminal the time that is left changes in its place; elsewhere a line tells it now and then, more often towards the end. */
export function createCountdown(
  screen: Pick<Screen, "note" | "wait" | "rest" | "watched">,
  timer: SetTimer = setTimer,
): Countdown {
  let clear = (): void => undefined;
  const tell = (leftMs: number): void => {
    const mark = nextMark(leftMs);
    if (mark === undefined) return;
    clear = timer(() => {
      screen.note(`Trying again in ${durationText(mark)}.`);
      tell(mark);
    }, leftMs - mark);
  };
  return {
    start(milliseconds) {
      const end = monotonicMs() + milliseconds;
      const left = (): number => Math.max(0, Math.ceil((end - monotonicMs()) / 1000));
      if (screen.watched) screen.wait(() => `Trying again in ${clock(left())}`);
      else tell(milliseconds);
    },
    stop() {
      clear();
      clear = () => undefined;
    },
  };
}

const minute = 60_000;
const hour = 60 * minute;
/** What is left, in milliseconds, where a line is written; above an hour at each full one. */
const marks = [hour, 30 * minute, 10 * minute, 5 * minute, 2 * minute, minute, 30_000, 10_000];

const nextMark = (leftMs: number): number | undefined =>
  leftMs > 2 * hour ? (Math.ceil(leftMs / hour) - 1) * hour : marks.find((mark) => mark < leftMs);

/** `0:09`, `12:34`, `1:02:03`. */
function clock(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
