import { cutOff, readObject, type FoundObject } from "./read-object.js";

/** An opening brace, unless it only stands around a few words of prose, as in `{name}`. */
export const objectStart = /\{(?![^{}"'`“”„‘’\n]{0,200}\})/g;

/** More objects than this in one reply are no reply. */
export const mostObjects = 100;

/**
 * The objects that stand side by side in a text, in fences, prose or alone, up to the first that cannot be read: what is
 * inside that one is not looked at, lest a part of an argument be taken for a reply.
 */
export function findObjects(text: string): FoundObject[] {
  const found: FoundObject[] = [];
  const search = new RegExp(objectStart);
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    const object = asReply(readObject(text, match.index), text.slice(0, match.index));
    const problem = object.problem ?? problemAround(text, match.index, found.length + 1);
    found.push({ ...object, problem });
    if (problem !== null) break;
    search.lastIndex = object.end;
  }
  return found;
}

/** Models that were trained on tools write `<tool_call>{"name": …, "arguments": {…}}</tool_call>` for a command. */
function asReply(object: FoundObject, before: string): FoundObject {
  const named = object.keys.filter((key) => key === "name").length === 1;
  if (!named || object.keys.includes("command") || !/<tool_call>\s*$/i.test(before.slice(-100))) return object;
  if (object.cut) return { ...object, problem: cutOff };
  const { name, arguments: args, parameters, ...others } = object.value;
  const command = { name, args: args ?? parameters ?? object.value["args"] ?? {} };
  // More than a name and arguments is for readReply to refuse.
  const value = Object.keys(others).some((key) => key !== "args") ? { command: [object.value] } : { command };
  return { ...object, value, keys: ["command"] };
}

function problemAround(text: string, start: number, count: number): string | null {
  if (count > mostObjects) return `The reply holds more than ${mostObjects} objects: give one.`;
  return isListed(text, start) ? "The reply is a list: give one object with one command." : null;
}

/** The object is an element of a list. */
const isListed = (text: string, start: number): boolean => /\[\s*$/.test(text.slice(Math.max(0, start - 100), start));
