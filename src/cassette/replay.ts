import { wellFormedJson } from "../base/json.js";
import type { TimeLimits } from "../base/waiting/time-limits.js";
import { maskOfForeign, type Mask } from "../base/mask.js";
import type { RecordedOutcome, RecordedRequest, RecordedSession } from "./read-cassette.js";
import type { ErrorCodec, Tape, TapedRequest } from "./tape.js";

/** What a replay does otherwise than the recorded run. */
export type Difference =
  | {
      kind: "request";
      step: number;
      path: string;
      expected: Readonly<Record<string, unknown>>;
      found: Readonly<Record<string, unknown>>;
    }
  | { kind: "one-request-more"; step: number; path: string; found: Readonly<Record<string, unknown>> }
  | { kind: "one-request-less"; step: number; path: string; expected: Readonly<Record<string, unknown>> }
  | { kind: "asked"; step: number; of: string; expected: unknown; found: unknown }
  | { kind: "one-more-asked"; step: number; of: string; found: unknown };

/** Why a replay goes no further: it came to a difference, or the record ends here, as that of a killed program does. */
export type ReplayEnd = { kind: "differs"; difference: Difference } | { kind: "over"; step: number };

export type ReplayOptions = {
  session: RecordedSession;
  /** The part of the run came to its own end, so there has to be all that it asks for. */
  isWhole: boolean;
  mask: Mask;
  errors: ErrorCodec;
  /** Stops the step that is at work, as the user or a limit did. */
  stop(by: "user" | "limit"): void;
  now(): { step: number };
  /** Ends the run, and gives what is thrown for it. */
  end(end: ReplayEnd): Error;
};

export type ReplayTape = Tape & {
  /** How many requests were the same so far. */
  same(): number;
  /** The first request on record that was not made. */
  left(): RecordedRequest | null;
};

/** Answers a run from the record of a session, and does nothing. Ends it where it does anything that is not on record. */
export function replayTape(options: ReplayOptions): ReplayTape {
  const ending = endingOf(options);
  const reading = readingsOf(options);
  const requests = requestsOf(options, ending);
  return {
    replays: true,
    ...requests,
    ...outcomesOf(options, ending),
    reading: (of) => reading(of),
    readingLater: (of) => Promise.resolve().then(() => reading(of)),
  };
}

type Ending = { over(): Error; differs(difference: Difference): Error; check(): void };

/** Once it has ended, everything that is asked for ends with the same. */
function endingOf({ end, now }: ReplayOptions): Ending {
  let ended: Error | null = null;
  return {
    over: () => (ended ??= end({ kind: "over", step: now().step })),
    differs: (difference) => (ended ??= end({ kind: "differs", difference })),
    check() {
      if (ended !== null) throw ended;
    },
  };
}

function requestsOf({ session, isWhole, mask, errors, stop, now }: ReplayOptions, ending: Ending) {
  const masked = maskOfForeign(mask);
  const left = [...session.requests];
  let same = 0;
  const take = ({ path, body }: TapedRequest): RecordedRequest => {
    const found = masked(JSON.parse(wellFormedJson(body)) as TapedRequest["body"]);
    const text = JSON.stringify(found);
    const at = left.findIndex((one) => one.path === path && JSON.stringify(one.body) === text);
    const { step } = now();
    const [taken] = at === -1 ? [] : left.splice(at, 1);
    if (taken !== undefined) return taken;
    const next = left.find((one) => one.path === path) ?? left[0];
    if (next !== undefined)
      throw ending.differs({ kind: "request", step: next.step, path, expected: next.body, found });
    throw isWhole ? ending.differs({ kind: "one-request-more", step, path, found }) : ending.over();
  };
  return {
    same: () => same,
    left: () => left[0] ?? null,
    async request(request: TapedRequest): Promise<string | null> {
      ending.check();
      await Promise.resolve();
      const { answer } = take(request);
      same += 1;
      if (answer === null) throw ending.over();
      if ("events" in answer) for (const data of answer.events) request.onData?.(data);
      if ("error" in answer && answer.error !== undefined) {
        const { aborted } = answer.error;
        if (aborted === "run") throw ending.over();
        if (aborted !== undefined) stop(aborted);
        request.signal.throwIfAborted();
        throw errors.read(answer.error);
      }
      return "text" in answer ? answer.text : null;
    },
  };
}

/** The outcomes that were not given so far: the first to the same input, of this step where there is one. */
function leftOf({ session, now }: ReplayOptions) {
  const left = byKind(session.outcomes);
  return {
    has: (of: string): boolean => left.has(of),
    next: (of: string): RecordedOutcome | undefined => left.get(of)?.[0],
    take(of: string, input: unknown, where: "in this step" | "in any step"): RecordedOutcome | undefined {
      const [text, kind, { step }] = [JSON.stringify(input), left.get(of) ?? [], now()];
      const same = kind.filter((one) => JSON.stringify(one.input) === text);
      const taken = same.find((one) => one.step === step) ?? (where === "in any step" ? same[0] : undefined);
      if (taken !== undefined) kind.splice(kind.indexOf(taken), 1);
      return taken;
    },
  };
}

function outcomesOf(options: ReplayOptions, ending: Ending): Pick<Tape, "outcome" | "timed"> {
  const { isWhole, mask, errors, stop, now } = options;
  const masked = maskOfForeign(mask);
  const left = leftOf(options);
  const inputOf = (input: unknown): unknown => masked(JSON.parse(JSON.stringify(input)) as unknown);
  const take = (of: string, input: unknown): RecordedOutcome => {
    const found = inputOf(input);
    const taken = left.take(of, found, "in any step");
    if (taken !== undefined) return taken;
    const next = left.next(of);
    if (next !== undefined) throw ending.differs({ kind: "asked", step: next.step, of, expected: next.input, found });
    throw isWhole ? ending.differs({ kind: "one-more-asked", step: now().step, of, found }) : ending.over();
  };
  const give = (taken: RecordedOutcome, signal: AbortSignal | undefined): unknown => {
    if ("value" in taken) return taken.value;
    const { aborted } = taken.error;
    if (aborted === "run") throw ending.over();
    if (aborted !== undefined) stop(aborted);
    signal?.throwIfAborted();
    throw errors.read(taken.error);
  };
  return {
    async outcome<Value>(of: string, input: unknown, _work: unknown, signal?: AbortSignal): Promise<Value> {
      ending.check();
      await Promise.resolve();
      return give(take(of, input), signal) as Value;
    },
    async timed<Value>(
      of: string,
      input: unknown,
      work: (timeLimits: TimeLimits) => Promise<Value>,
      signal?: AbortSignal,
    ): Promise<Value> {
      ending.check();
      const taken = left.has(of) ? left.take(of, inputOf(input), "in this step") : undefined;
      return taken === undefined ? work(farTimeLimits) : (give(taken, signal) as Value);
    },
  };
}

/** By how much a machine may be slower than the one that recorded, or busier. Without any limit a record could go on for ever. */
const timesSlower = 20;
const farTimeLimits: TimeLimits = { of: (usualMs) => usualMs * timesSlower, met: () => undefined };

/** By their order: a line holds until the next one of its kind. What was never read is null. */
function readingsOf({ session }: ReplayOptions): <Value>(of: string) => Value {
  const kinds = byKind(session.readings);
  const counts = new Map<string, number>();
  return <Value>(of: string): Value => {
    const n = counts.get(of) ?? 0;
    counts.set(of, n + 1);
    const lines = kinds.get(of) ?? [];
    while (lines.length > 1 && (lines[1]?.n ?? Infinity) <= n) lines.shift();
    return (lines[0]?.value ?? null) as Value;
  };
}

function byKind<Line extends { of: string }>(lines: readonly Line[]): Map<string, Line[]> {
  const kinds = new Map<string, Line[]>();
  for (const line of lines) {
    const same = kinds.get(line.of);
    if (same === undefined) kinds.set(line.of, [line]);
    else same.push(line);
  }
  return kinds;
}
