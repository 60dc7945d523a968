import type { TimeLimits } from "../base/waiting/time-limits.js";
import type { Thrown } from "./format.js";

/** A request to the model's server as it is sent, and who hears the data of each event of its answer. */
export type TapedRequest = {
  path: string;
  body: Readonly<Record<string, unknown>>;
  signal: AbortSignal;
  onData?: ((data: string) => void) | undefined;
};

/**
 * What stands between a run and all that is outside of it. While a run is recorded the work is done and written down; in a replay
 * nothing is done, and what is on record comes of it.
 */
export interface Tape {
  /** Whether nothing is done, and what is on record is given. */
  readonly replays: boolean;
  /** A request to the model's server. Resolves to the text of its answer, or to null for a stream. */
  request(
    request: TapedRequest,
    send: (onData: (data: string) => void) => Promise<string | null>,
  ): Promise<string | null>;
  /** What something outside answered to `input`; several answers to the same are given in their order. */
  outcome<Value>(of: string, input: unknown, work: () => Promise<Value>, signal?: AbortSignal): Promise<Value>;
  /**
   * Work that is done in a replay as well, and may be ended by limits of time. Where one was met, or its step was stopped in the midst
   * of it, what came of it is on record: a replay gives that and does nothing. Else no limit that was not met then is met in a replay,
   * unless it takes many times as long.
   */
  timed<Value>(
    of: string,
    input: unknown,
    work: (timeLimits: TimeLimits) => Promise<Value>,
    signal?: AbortSignal,
  ): Promise<Value>;
  /** What is read of a clock and the like; in a replay by the order of the readings. */
  reading<Value>(of: string, read: () => Value): Value;
  /** The same, for what takes time to find out. */
  readingLater<Value>(of: string, read: () => Promise<Value>): Promise<Value>;
}

/** What a failure is written down as, and made again from. */
export type ErrorCodec = {
  write(thrown: unknown): Omit<Thrown, "aborted">;
  read(thrown: Thrown): unknown;
};

/** Who has stopped the step that is at work; null for nobody. A signal may also be aborted by a limit of the work itself. */
export type StepEnds = { stoppedBy(): "user" | "limit" | "run" | null };
