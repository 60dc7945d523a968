import { escapeLine } from "../../base/escape.js";
import { isObject } from "../../base/json.js";
import type { Difference } from "../../cassette/replay.js";

/** Where two values differ first, and what stands there; undefined is nothing. */
export type FirstDifference = { place: string; expected: unknown; found: unknown };

/** The first place at which two JSON values differ; null where they are the same. */
export function firstDifference(expected: unknown, found: unknown, place = ""): FirstDifference | null {
  if (Array.isArray(expected) && Array.isArray(found)) {
    const length = Math.max(expected.length, found.length);
    for (let index = 0; index < length; index++) {
      const inner = firstDifference(expected[index], found[index], `${place}[${index}]`);
      if (inner !== null) return inner;
    }
    return null;
  }
  if (isObject(expected) && isObject(found)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      const inner = firstDifference(expected[key], found[key], place === "" ? key : `${place}.${key}`);
      if (inner !== null) return inner;
    }
    const [one, other] = [Object.keys(expected), Object.keys(found)];
    return one.join() === other.join() ? null : { place: `${place} (order of keys)`, expected: one, found: other };
  }
  return Object.is(expected, found) ? null : { place, expected, found };
}

/** How much of both texts is shown around the place where they part, in characters. */
const before = 60;
const after = 100;

/** A difference in some lines for a person; all that comes from models and pages is escaped. */
export function differenceLines(difference: Difference): string[] {
  const { step } = difference;
  const place = step === 0 ? "before the first step" : `in step ${step}`;
  switch (difference.kind) {
    case "request": {
      const first = firstDifference(difference.expected, difference.found);
      if (first === null)
        return [`The first difference is ${place}: the request to ${difference.path} went elsewhere.`];
      return [`The first difference is ${place}, in the request to ${difference.path}:`, ...valueLines(first)];
    }
    case "one-request-more":
      return [
        `The first difference is ${place}: a request to ${difference.path} that is not on record. The record has no further ones: ` +
          "either this build asks once more than the run did, or the end of the record is missing.",
      ];
    case "one-request-less":
      return [`The first difference is ${place}: the request to ${difference.path} that is on record was not made.`];
    case "asked": {
      const first = firstDifference(difference.expected, difference.found);
      const what = `The first difference is ${place}, in what was asked for (${escapeLine(difference.of)})`;
      return first === null ? [`${what}.`] : [`${what}:`, ...valueLines(first)];
    }
    case "one-more-asked":
      return [
        `The first difference is ${place}: something that is not on record was asked for (${escapeLine(difference.of)}): ` +
          shown(JSON.stringify(difference.found), 0),
      ];
  }
}

/** A first difference in three lines: its place, what is expected there, and what was found. */
export function valueLines({ place, expected, found }: FirstDifference): string[] {
  if (typeof expected !== "string" || typeof found !== "string")
    return [
      `  at ${place === "" ? "the whole" : escapeLine(place)}`,
      `  - ${shown(JSON.stringify(expected) ?? "nothing", 0)}`,
      `  + ${shown(JSON.stringify(found) ?? "nothing", 0)}`,
    ];
  let at = 0;
  while (at < expected.length && expected[at] === found[at]) at += 1;
  const line = expected.slice(0, at).split("\n").length;
  return [
    `  at ${place === "" ? "" : `${escapeLine(place)}, `}line ${line}, character ${at - expected.lastIndexOf("\n", at - 1)}`,
    `  - ${shown(expected, at)}`,
    `  + ${shown(found, at)}`,
  ];
}

/** A piece of a text around a place, on one line. */
function shown(text: string, at: number): string {
  const [from, to] = [Math.max(0, at - before), Math.min(text.length, at + after)];
  const piece = text.slice(from, to).toWellFormed();
  return `${from > 0 ? "…" : ""}${escapeLine(piece)}${to < text.length ? "…" : ""}`;
}
