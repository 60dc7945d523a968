import { monotonicMs } from "../../base/stopwatch.js";
import type { GoalVerdict } from "../../history/goals.js";
import type { JournalEvent } from "../../history/events.js";
import type { Palette } from "../palette.js";
import type { Screen } from "../screen.js";
import { cutToWidth } from "../text/table.js";
import { createOutputTail } from "./output-tail.js";
import { createProgress, type ProgressOptions } from "./progress.js";
import { statusLine } from "./status-line.js";

/** How many lines of what a command writes are seen while it runs. */
const tailLines = 4;

export type StatusOptions = Omit<ProgressOptions, "now"> & {
  palette: Palette;
  mask(text: string): string;
  /** The clock by which seconds pass, the system's unless told. */
  now?: () => number;
  /** Calls back once a second, and returns what ends that; a timer unless told. */
  everySecond?: (call: () => void) => () => void;
};

/** The line at the bottom of a terminal that says what goes on, and above it what a command writes. */
export type Status = {
  hear(event: JournalEvent): void;
  heard(what: string): void;
  grant(count: number): void;
  judged(verdicts: readonly Pick<GoalVerdict, "verdict" | "guard">[]): void;
  /** What a running command writes, as it comes. */
  output(text: string): void;
  close(): void;
};

/** Draws on the screen once a second, from the first event to the last. */
export function createStatus(screen: Screen, options: StatusOptions): Status {
  const { palette, mask, now = monotonicMs, everySecond = eachSecond } = options;
  const progress = createProgress({ ...options, now });
  const tail = createOutputTail(mask);
  let stop: (() => void) | null = null;
  const close = (): void => {
    stop?.();
    stop = null;
    screen.show(null);
  };
  const begin = (): void => {
    if (stop) return;
    stop = everySecond(screen.refresh);
    screen.show(({ columns, rows }) => {
      const lines = rows < 8 ? [] : tail.lines(tailLines).map((line) => `  ${cutToWidth(line, columns - 3)}`);
      return [...lines, statusLine(progress.view(), columns - 1)].map((line) => palette("dim", line));
    });
  };
  return {
    hear(event) {
      progress.hear(event);
      if (event.type === "step-end" || event.type === "command-start") tail.clear();
      if (event.type === "run-end") return close();
      begin();
      screen.refresh();
    },
    heard: (what) => progress.heard(what),
    grant: (count) => progress.grant(count),
    judged: (verdicts) => progress.judged(verdicts),
    output: (text) => tail.add(text),
    close,
  };
}

function eachSecond(call: () => void): () => void {
  const timer = setInterval(call, 1_000);
  timer.unref();
  return () => clearInterval(timer);
}
