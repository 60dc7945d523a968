import { encode, encodeBody } from "./encode.js";
import type { Thrown } from "./format.js";
import { openLines, type Lines, type LinesOptions } from "./lines.js";
import type { ErrorCodec, StepEnds, Tape } from "./tape.js";

export type RecordOptions = StepEnds &
  LinesOptions & {
    errors: ErrorCodec;
    /** The step that the run is in, and what its last request to a model was for. */
    /** What the run is at; `path`: for a request to this path of the model's server. */
    now(path?: string): { step: number; purpose: string | null };
  };

export type Recorder = Tape & { close(): void };

/**
 * Records what comes into a run from outside. Lines are written behind the run's back and never waited for: a program that is killed
 * may lose the last of them. Nothing that goes wrong here reaches the run; it is said once.
 */
export function recordTape(options: RecordOptions): Recorder {
  const { now } = options;
  const lines = openLines(options);
  const value = (given: unknown): unknown => lines.masked(encode(given, lines));
  const failure = failureIn(options, lines, value);
  const note = readingsIn(options, lines, value);
  /** `came`: what came of it, made when the line is written. */
  const writeOutcome = (asked: AskedOutside, came: () => object): void =>
    lines.write(() => ({ type: "outcome", ...asked, input: value(asked.input), ...came() }));
  const writeError = (asked: AskedOutside, thrown: unknown, signal?: AbortSignal) => {
    const error = failure(thrown, signal);
    writeOutcome(asked, () => ({ error: error() }));
  };
  return {
    replays: false,
    request: requestsIn(options, lines, failure),
    async outcome(of, input, work, signal) {
      const asked = { of, step: now().step, input };
      try {
        const given = await work();
        writeOutcome(asked, () => ({ value: value(given ?? null) }));
        return given;
      } catch (thrown) {
        writeError(asked, thrown, signal);
        throw thrown;
      }
    },
    async timed(of, input, work, signal) {
      const asked = { of, step: now().step, input };
      const before = failure.stopped();
      let isLate = false;
      try {
        const given = await work({ of: (usualMs) => usualMs, met: () => void (isLate = true) });
        if (isLate) writeOutcome(asked, () => ({ value: value(given ?? null) }));
        return given;
      } catch (thrown) {
        // What was waited for on tape has stopped it there, and does so again.
        const isStopped = signal?.aborted === true && failure.stopped() === before && isOfStep(options.stoppedBy());
        if (isLate || isStopped) writeError(asked, thrown, signal);
        throw thrown;
      }
    },
    reading: (of, read) => note(of, read()),
    readingLater: async (of, read) => note(of, await read()),
    close: () => lines.close(),
  };
}

/** What was asked of something outside, and in which step. */
type AskedOutside = { of: string; step: number; input: unknown };

type Encoded = (given: unknown) => unknown;
/** Notes at once who ended the wait, and gives what makes the line's part later. */
type Failure = ((thrown: unknown, signal: AbortSignal | undefined) => () => Thrown) & {
  /** How many waits were ended so far because the step was stopped. */
  stopped(): number;
};

/** Whether the step alone was stopped, and not the run. */
const isOfStep = (by: ReturnType<StepEnds["stoppedBy"]>): boolean => by === "user" || by === "limit";

function failureIn({ errors, stoppedBy }: RecordOptions, lines: Lines, value: Encoded): Failure {
  let stopped = 0;
  const failure = (thrown: unknown, signal: AbortSignal | undefined) => {
    const by = signal?.aborted === true ? stoppedBy() : null;
    if (by !== null) stopped += 1;
    return (): Thrown => {
      const { name, message, fields } = errors.write(thrown);
      const kept = fields === undefined ? {} : { fields: value(fields) as Record<string, unknown> };
      return { name, message: lines.masked(message), ...kept, ...(by !== null && { aborted: by }) };
    };
  };
  return Object.assign(failure, { stopped: () => stopped });
}

/** A reading is written where it differs from the one before. */
function readingsIn({ now }: RecordOptions, lines: Lines, value: Encoded) {
  const readings = new Map<string, { n: number; json: string }>();
  return <Read>(of: string, read: Read): Read => {
    const before = readings.get(of);
    const [n, json, { step }] = [before === undefined ? 0 : before.n + 1, JSON.stringify(read ?? null), now()];
    readings.set(of, { n, json });
    if (before?.json !== json) lines.write(() => ({ type: "reading", of, step, n, value: value(read ?? null) }));
    return read;
  };
}

/** An answer is seldom said twice: one that is shorter stands in its line, since to find, number and pack a part takes longer than to write it. */
const longestInLine = 2_000;

function requestsIn({ now }: RecordOptions, lines: Lines, failure: Failure): Tape["request"] {
  let requests = 0;
  return async ({ path, body, signal, onData }, send) => {
    const [id, { step, purpose }, events]: [number, ReturnType<typeof now>, string[]] = [requests++, now(path), []];
    lines.write(() => ({
      ...{ type: "request", id, step, path, body: lines.masked(encodeBody(body, lines)) },
      ...(purpose !== null && { purpose }),
    }));
    const heard = () => (events.length === 0 ? {} : { events: lines.events(events) });
    try {
      const text = await send((data) => {
        events.push(data);
        onData?.(data);
      });
      lines.write(() => ({
        ...{ type: "answer", request: id },
        ...(text === null ? heard() : { text: lines.masked(text.length < longestInLine ? text : encode(text, lines)) }),
      }));
      return text;
    } catch (thrown) {
      const error = failure(thrown, signal);
      lines.write(() => ({ type: "answer", request: id, ...heard(), error: error() }));
      throw thrown;
    }
  };
}
