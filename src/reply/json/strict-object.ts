import { deepest, isObject, parseJson } from "../../base/json.js";
import { skipSpace } from "./closing-quote.js";
import { ofKind } from "./of-kind.js";

/** In characters: a number or a word without quotes that is longer is neither. */
export const longestBareToken = 400;

/** `end`: behind the bracket that closes it, in UTF-16 units. `keys`: its own, in order, repeated ones included. */
export type StrictObject = { value: Record<string, unknown>; end: number; keys: string[] };

/**
 * The object that begins at `start` where it is JSON as it stands: what reading it forgivingly would find as well, in many times the time.
 * Null where it is not, or where it nests too deeply or has a number too long for what reads replies. Takes time in proportion to the length.
 */
export function readStrictObject(source: string, start: number): StrictObject | null {
  const found = spanOf(source, start);
  const value = found === null ? undefined : parseJson(source.slice(start, found.end));
  return found === null || !isObject(value) ? null : { ...found, value };
}

const mark = /["{}[\]]/g;
const stop = /["\\]/g;
/** Looked for only where a token begins, lest each of its characters be a beginning. */
const tooLong = new RegExp(`(?:^|[^-+.\\w])[-+.\\w]{${longestBareToken + 1}}`);
const isBehindString = ofKind(/[,:}\]]/);

/** Where the object ends and its keys, if it is JSON: that is looked at only as far as it costs nothing. */
function spanOf(source: string, start: number): Omit<StrictObject, "value"> | null {
  const keys: string[] = [];
  let depth = 0;
  let behind = start;
  mark.lastIndex = start;
  while (mark.test(source)) {
    const at = mark.lastIndex - 1;
    if (at - behind > longestBareToken && tooLong.test(source.slice(behind, at))) return null;
    const character = source.charAt(at);
    if (character === '"') {
      const end = endOfString(source, at);
      const follower = end === null ? "" : source.charAt(skipSpace(source, end));
      if (end === null || !isBehindString(follower)) return null;
      if (depth === 1 && follower === ":") keys.push(String(parseJson(source.slice(at, end))));
      mark.lastIndex = end;
    } else if (character === "{" || character === "[") {
      depth += 1;
      if (depth > deepest) return null;
    } else {
      depth -= 1;
      if (depth === 0) return { end: at + 1, keys };
    }
    behind = mark.lastIndex;
  }
  return null;
}

/**
 * Behind the quote that closes the JSON string which begins at `start`; null where none does. A single expression for it has no stack for a
 * string of many megabytes.
 */
export function endOfString(source: string, start: number): number | null {
  stop.lastIndex = start + 1;
  while (stop.test(source)) {
    if (source.charAt(stop.lastIndex - 1) === '"') return stop.lastIndex;
    stop.lastIndex += 1;
  }
  return null;
}
