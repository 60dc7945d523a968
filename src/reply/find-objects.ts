import { readObject, type FoundObject } from "./json/read-object.js";
import { readToolCall, toolCallStart } from "./tool-call.js";

/** An opening brace, unless it only stands around a few words of prose, as in `{name}`. */
export const objectStart = /\{(?![^{}"'`“”„‘’\n]{0,200}\})/g;

/** An object and where it, or the mark in front of it, begins in the text. */
export type PlacedObject = FoundObject & { start: number };

/** More objects than this in one reply are no reply. */
export const mostObjects = 100;

const start = new RegExp(`${objectStart.source}|${toolCallStart.source}`, "g");

/**
 * The objects that stand side by side in a text, in fences, prose or alone, up to the first that cannot be read: what is
 * inside that one is not looked at, lest a part of an argument be taken for a reply. A call in one of the text forms of
 * today's models (`<tool_call>…`) counts as an object with that command.
 */
export function findObjects(text: string): PlacedObject[] {
  const found: PlacedObject[] = [];
  const search = new RegExp(start);
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    const isObject = match[0] === "{";
    const object = isObject ? readObject(text, match.index) : readToolCall(text, match.index);
    if (object === null) continue;
    const problem = object.problem ?? problemAround(text, isObject ? match.index : 0, found.length + 1);
    found.push({ ...object, start: match.index, problem });
    if (problem !== null) break;
    search.lastIndex = object.end;
  }
  return found;
}

function problemAround(text: string, start: number, count: number): string | null {
  if (count > mostObjects) return `The reply holds more than ${mostObjects} objects: give one.`;
  return isListed(text, start) ? "The reply is a list: give one object with one command." : null;
}

/** The object is an element of a list. */
const isListed = (text: string, start: number): boolean => /\[\s*$/.test(text.slice(Math.max(0, start - 100), start));
