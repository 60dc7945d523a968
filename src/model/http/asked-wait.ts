import type { ErrorBody } from "./error-body.js";

/** The headers of an answer, their names in lower case. */
export type ResponseHeaders = ReadonlyMap<string, string>;

const secondMs = 1000;
const unitMs: Record<string, number> = {
  ms: 1,
  s: secondMs,
  m: 60 * secondMs,
  h: 3_600 * secondMs,
  d: 86_400 * secondMs,
};

/**
 * How long a server asks to be left alone, in milliseconds: by a header, a field of the body or a sentence in it.
 * Undefined where it says nothing of it. A wait of 0 or until a moment that has passed says nothing either: what it
 * would mean, to ask again at once, is what has just failed.
 */
export function askedWait(headers: ResponseHeaders, body: ErrorBody, now = Date.now()): number | undefined {
  // Both moments are the server's, so that this machine's clock need not be right.
  const serverNow = Date.parse(headers.get("date") ?? "") || now;
  return [
    () => timesUnit(headers.get("retry-after-ms"), 1),
    () => momentOrDuration(headers.get("retry-after") ?? "", serverNow),
    () => fieldWait(body.fields),
    () => sentenceWait(body.message),
    () => resetWait(headers, body.fields, serverNow),
  ].reduce<number | undefined>((found, look) => found ?? positive(look()), undefined);
}

function positive(milliseconds: number | undefined): number | undefined {
  return milliseconds !== undefined && milliseconds > 0 ? Math.ceil(milliseconds) : undefined;
}

const until = (moment: number, now: number): number | undefined => (Number.isNaN(moment) ? undefined : moment - now);

const timesUnit = (value: string | undefined, unit: number): number | undefined =>
  value && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) * unit : undefined;

/** Google's RetryInfo, and what others call it. `estimated_time`: how long a model is still being loaded. */
function fieldWait(fields: ErrorBody["fields"]): number | undefined {
  for (const [name, unit] of [
    ["retrydelay", secondMs],
    ["retry_after_ms", 1],
    ["retry_after", secondMs],
    ["retryafter", secondMs],
    ["retry_after_seconds", secondMs],
    ["estimated_time", secondMs],
  ] as const) {
    const value = fields.get(name);
    const wait = timesUnit(value, unit) ?? durationIn(value ?? "");
    if (wait !== undefined) return wait;
  }
  return undefined;
}

const number = String.raw`\d+(?:\.\d+)?`;
const unit = String.raw`(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)`;
const duration = String.raw`${number}\s*${unit}(?![a-z])(?:(?:\s*,)?\s*(?:and\s+)?${number}\s*${unit}(?![a-z]))*`;
const sentence = new RegExp(
  String.raw`\b(?:again|retry|retrying|wait|come back|resets?|available)\b[^.;:\d]{0,30}?(${duration})`,
  "i",
);

/** "Please try again in 1m20.5s", "Retry after 6 seconds". */
function sentenceWait(message: string): number | undefined {
  const [, found] = sentence.exec(message) ?? [];
  return found === undefined ? undefined : durationIn(found);
}

const parts = new RegExp(String.raw`(${number})\s*(${unit})(?![a-z])`, "gi");

/** `1m20s`, `20.5s`, `2 minutes and 3 seconds`, in milliseconds; undefined where nothing of the kind is in the text. */
function durationIn(text: string): number | undefined {
  const found = [...text.matchAll(parts)];
  if (found.length === 0) return undefined;
  return found.reduce(
    (sum, [, count, name = ""]) => sum + Number(count) * (unitMs[shortUnit(name.toLowerCase())] ?? 0),
    0,
  );
}

const shortUnit = (name: string): string => (/^(?:ms|milli)/.test(name) ? "ms" : name.slice(0, 1));

const reset = /^(?:x-|anthropic-)?rate-?limit-(?:.*-)?reset(?:-.*)?$/;

/**
 * When a limit is lifted, as `x-ratelimit-reset-…` tells it, in the headers or among the body's fields, where a gateway
 * repeats them. Of several limits those count that are used up; where that is not told, the one that is lifted first.
 */
function resetWait(headers: ResponseHeaders, fields: ErrorBody["fields"], now: number): number | undefined {
  const told = new Map([...fields, ...headers]);
  const limits = [...told].flatMap(([name, value]) => {
    if (!reset.test(name)) return [];
    const left = told.get(name.replace("reset", "remaining"));
    const wait = positive(momentOrDuration(value, now));
    return wait === undefined ? [] : [{ wait, left: left === undefined ? undefined : Number(left) }];
  });
  const spent = limits.filter(({ left }) => left === 0).map(({ wait }) => wait);
  if (spent.length > 0) return Math.max(...spent);
  const unclear = limits.filter(({ left }) => left === undefined).map(({ wait }) => wait);
  return unclear.length > 0 ? Math.min(...unclear) : undefined;
}

/** Seconds from now, a moment in seconds or milliseconds since 1970, a date, or a duration such as `6m0s`. */
export function momentOrDuration(value: string, now: number): number | undefined {
  const plain = timesUnit(value, 1);
  if (plain === undefined)
    return /^\s*\d[\d.]*\s*[a-z]/i.test(value) ? durationIn(value) : until(Date.parse(value), now);
  if (plain > 1e12) return plain - now;
  return plain > 1e9 ? plain * secondMs - now : plain * secondMs;
}
