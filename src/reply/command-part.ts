import type { FoundObject } from "./json/read-object.js";
import { repeatedKey } from "./json/repeated-key.js";
import { readStrictObject } from "./json/strict-object.js";
import { isObject } from "../base/json.js";

const commandKey = /["'`“”‘’]?\bcommand\\?["'`“”‘’]?\s*:/gi;

/**
 * The command of a reply whose other parts cannot be read: null unless the text has one `"command":` only, an object in
 * strict JSON with name and args stands there, and nothing but the reply's end or its thoughts comes behind it.
 */
export function findCommandPart(text: string): FoundObject | null {
  const [key, ...others] = text.matchAll(commandKey);
  if (key === undefined || others.length > 0 || !key[0].startsWith('"')) return null;
  const start = text.indexOf("{", key.index);
  if (start === -1 || text.slice(key.index + key[0].length, start).trim() !== "") return null;
  if (!/[{,}]\s*$/.test(text.slice(0, key.index).slice(-200))) return null;
  const command = readStrictObject(text, start);
  if (command === null || !isObject(command.value["args"])) return null;
  const { value, end } = command;
  if (repeatedKey(text.slice(start, end), "command") !== null) return null;
  if (!/^\s*(?:[}\s]*(?:```\s*)?$|,\s*"thoughts?"\s*:)/i.test(text.slice(end, end + 200))) return null;
  return { value: { command: value }, end, keys: ["command"], cut: false, spare: true, problem: null };
}
