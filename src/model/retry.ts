import { mayPass, messageForPerson, ModelError, ParkedError } from "../errors.js";
import type { Usage } from "../history/event-parts.js";
import { noUsage } from "../history/totals.js";
import { FailedRequest, type Charge } from "./http/errors.js";
import type { Call, EmitModelEvent, Model } from "./model.js";
import { sleep, type SetTimer } from "../base/abort.js";
import { counted } from "../base/text.js";

export type RetryOptions = {
  /** How often a request is repeated that failed through no fault of its own. */
  retries: number;
  emit: EmitModelEvent;
  /** The first wait, and the longest without a word from the server, in milliseconds. */
  baseMs?: number;
  capMs?: number;
  /** The longest that one request waits in all its pauses, in milliseconds. */
  patienceMs?: number;
  /**
   * How long one request waits, in milliseconds and all its pauses together, for a limit to be lifted or the network to
   * come back, however often that takes; then ParkedError is thrown. Undefined: as for any failure that passes.
   */
  waitMs?: number | undefined;
  /** The clock by which it waits, the system's unless told. */
  timer?: SetTimer | undefined;
  /** What is left to chance of a wait, from 0 to 1, at random unless told. */
  chance?: (() => number) | undefined;
};

/** As often is a server of this machine tried again that nobody has started, and that has never answered before. */
const retriesWhereAbsent = 3;
const usualPatienceMs = 15 * 60_000;
/** Limits are often those of a minute, so the pauses before trying again are longer by this factor. */
const limitFactor = 2;
/** What a request has to leave out is found out by at most so many refusals. */
const mostAdaptions = 12;

/**
 * Repeats requests that may succeed the next time: failures that pass, after a growing wait or as long as the server
 * asks, from the second time on whichever is longer; refused parameters that are left out, at once; other refused requests, once. A model that is
 * being loaded is asked again until it is there, without counting as tries. The waits of a request end with the signal,
 * and with its patience: a server that asks for more is not waited for. `model-retry` is emitted before each wait, and
 * `model-failed` before giving up, with what the failed attempt costs.
 */
export const withRetry = <Request extends Call, Given extends { usage: Usage }>(
  model: Model<Request, Given>,
  options: RetryOptions,
): Model<Request, Given> => {
  const server: KnownServer = { hasAnswered: false };
  return { name: model.name, send: (request) => retrying({ ...options, server }, request, () => model.send(request)) };
};

/** What is known of a model's server; an answer may be a refusal. */
type KnownServer = { hasAnswered: boolean };
type Options = RetryOptions & { server: KnownServer };

/** How often it failed in which way, and how long was paused for that; `lasting` is what `waitMs` is for. */
type Failures = {
  passing: number;
  loading: number;
  lasting: number;
  refused: number;
  waitedMs: number;
  lastingMs: number;
};

async function retrying<Given>(options: Options, call: Call, send: () => Promise<Given>): Promise<Given> {
  const failures: Failures = { passing: 0, loading: 0, lasting: 0, refused: 0, waitedMs: 0, lastingMs: 0 };
  for (let attempt = 1; ; attempt++) {
    try {
      const given = await send();
      options.server.hasAnswered = true;
      return given;
    } catch (thrown) {
      call.signal.throwIfAborted();
      if (!(thrown instanceof ModelError)) throw thrown;
      options.server.hasAnswered ||= !(thrown instanceof FailedRequest && thrown.unreachable);
      const waitMs = nextWait(thrown, failures, options);
      if (waitMs === undefined) {
        await options.emit({
          type: "model-failed",
          step: call.step,
          problem: messageForPerson(thrown),
          ...chargeOf(thrown),
        });
        throw isLasting(thrown, options) ? parked(thrown, options) : finalError(thrown, attempt, options);
      }
      if (isLasting(thrown, options)) failures.lastingMs += waitMs;
      else failures.waitedMs += waitMs;
      await pause(options, call, thrown, { attempt, waitMs });
    }
  }
}

/** How long to wait before the next attempt, in whole milliseconds; undefined where none is worth making. */
function nextWait(error: ModelError, failures: Failures, options: Options): number | undefined {
  const { baseMs = 1_000, patienceMs = usualPatienceMs, server } = options;
  const facts = error instanceof FailedRequest ? error : undefined;
  const isAbsent = facts?.absent === true && !server.hasAnswered;
  const retries = isAbsent ? Math.min(options.retries, retriesWhereAbsent) : options.retries;
  if (facts?.adapted) return failures.refused++ < mostAdaptions ? 0 : undefined;
  if (error.kind === "bad-parameter") return failures.refused++ === 0 ? baseMs : undefined;
  const lasting = isLasting(error, options);
  if (!lasting && (!mayPass(error) || retries === 0)) return undefined;
  if (!lasting && !facts?.loading && failures.passing >= retries) return undefined;
  const isFirst = failures.passing + failures.loading + failures.lasting === 0;
  const growing = growingWait(error, failures, options);
  // What the server names is kept to exactly, unless it has turned out to be too little.
  const asked = facts?.retryAfterMs;
  const wait = Math.ceil(asked === undefined ? growing : isFirst ? asked : Math.max(asked, growing));
  const [waited, most] = lasting ? [failures.lastingMs, options.waitMs ?? 0] : [failures.waitedMs, patienceMs];
  return waited + wait > most ? undefined : wait;
}

/** Whether a request is to wait for the end of this as long as `waitMs` says. */
function isLasting(error: ModelError, { waitMs }: RetryOptions): boolean {
  if (waitMs === undefined) return false;
  if (error.kind === "rate-limit") return true;
  if (!(error instanceof FailedRequest)) return false;
  const hasEnd = error.retryAfterMs !== undefined && (mayPass(error) || error.kind === "spent-quota");
  return error.unreachable || hasEnd;
}

/** The wait doubles with every failure. Up to a quarter is left to chance, so that many clients do not come back together. */
function growingWait(error: ModelError, failures: Failures, options: RetryOptions): number {
  const { baseMs = 1_000, capMs = 30_000, chance = Math.random } = options;
  const isLoading = error instanceof FailedRequest && error.loading;
  const kind = isLasting(error, options) ? "lasting" : isLoading ? "loading" : "passing";
  const before = failures[kind]++;
  const factor = error.kind === "rate-limit" ? limitFactor : 1;
  return Math.min(capMs, baseMs * 2 ** before) * factor * (1 - chance() / 4);
}

async function pause(
  { emit, timer }: RetryOptions,
  { step, signal }: Call,
  error: ModelError,
  { attempt, waitMs }: { attempt: number; waitMs: number },
): Promise<void> {
  await emit({ type: "model-retry", step, attempt, waitMs, problem: messageForPerson(error), ...chargeOf(error) });
  await sleep(waitMs, signal, timer);
}

/** What the governor has settled the failed attempt for. */
function chargeOf(error: ModelError): Charge {
  return (error instanceof FailedRequest ? error.charge : undefined) ?? { usage: noUsage, costUsd: 0 };
}

/** What ends a request that may wait no longer for a limit or the network. */
function parked(error: ModelError, { waitMs = 0 }: RetryOptions): ParkedError {
  const askedMs = error instanceof FailedRequest ? error.retryAfterMs : undefined;
  const why =
    askedMs === undefined || askedMs <= waitMs
      ? `It may not wait any longer than --wait says, which is ${span(waitMs)}.`
      : `The server asks to be left alone for ${span(askedMs)}, until ${moment(Date.now() + askedMs)}, and --wait allows ${span(waitMs)}.`;
  return new ParkedError(`${error.message} ${why}`, { cause: error });
}

/** `2026-11-28 21:05 UTC`, at full minutes, not before the moment. */
const moment = (time: number): string =>
  `${new Date(Math.ceil(time / 60_000) * 60_000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

function span(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 120) return counted(seconds, "second");
  return seconds < 7_200 ? counted(Math.ceil(seconds / 60), "minute") : counted(Math.ceil(seconds / 3_600), "hour");
}

/** The last error, with how often was tried. */
function finalError(error: ModelError, attempts: number, options: RetryOptions): ModelError {
  if (attempts === 1 && !mayPass(error)) return error;
  const tried = attempts === 1 ? "It was tried once." : `It was tried ${attempts} times.`;
  const { kind, message, advice } = error;
  return new ModelError(kind, `${message} ${tried}${tooLongToWait(error, options)}`, {
    cause: error,
    advice: advice ?? undefined,
  });
}

function tooLongToWait(error: ModelError, { patienceMs = usualPatienceMs, retries }: RetryOptions): string {
  const asked = (error instanceof FailedRequest ? error.retryAfterMs : undefined) ?? 0;
  if (asked <= patienceMs || retries === 0) return "";
  return ` The server asks to be left alone for ${minutes(asked)}, and a request waits for ${minutes(patienceMs)} at most.`;
}

const minutes = (milliseconds: number): string => counted(Math.ceil(milliseconds / 60_000), "minute");
