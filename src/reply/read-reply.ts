import { isObject, isTooDeep, parseJson } from "../base/json.js";
import type { CommandCall, Thoughts } from "../history/event-parts.js";
import { commandSchema, type Reply } from "./format.js";
import { moreThanOnce, repeatedKey } from "./json/repeated-key.js";
import { cutOff, type FoundObject, type JsonObject } from "./json/read-object.js";

const noThoughts: Thoughts = { text: "", reasoning: "", plan: "", criticism: "", speak: "" };

/** A reply that names no command, with what is wrong about it. */
export const refused = (problem: string, thoughts: Thoughts = noThoughts): Reply => ({
  command: null,
  problem,
  thoughts,
});

/** The object gives a command or thoughts, so it is meant as a reply. */
export const isReplyLike = ({ keys }: FoundObject): boolean =>
  keys.some((key) => isKey(key, "command", "thoughts", "thought"));

/** The object gives a command, usable or not. */
export const givesCommand = ({ keys }: FoundObject): boolean => keys.some((key) => isKey(key, "command"));

/** What an object says: its command, in whichever of the usual shapes, or what is wrong with it. */
export function readReply(object: FoundObject): Reply {
  if (isTooDeep(object.value)) return refused("The reply nests objects or lists too deeply.");
  const thoughts = readThoughts(memberOf(object.value, "thoughts", "thought"));
  if (object.problem !== null) return refused(object.problem, thoughts);
  if (object.keys.filter((key) => isKey(key, "command")).length > 1) {
    return refused('The reply gives "command" more than once: name one command.', thoughts);
  }
  const call = readCommand(object);
  return typeof call === "string" ? refused(call, thoughts) : { command: call, problem: null, thoughts };
}

/** A command, or what is wrong with it. */
function readCommand({ value, cut, spare }: FoundObject): CommandCall | string {
  const command = memberOf(value, "command");
  if (cut && command === undefined) return cutOff;
  if (command === undefined || command === null) return 'The reply names no command: "command" is missing.';
  if (Array.isArray(command)) return '"command" is a list: name one command, as an object with "name" and "args".';
  if (spare && hasStrays(value, command)) return "A bracket closes the object or its args too early.";
  const name = isObject(command) ? memberOf(command, "name") : command;
  const written = writtenArgs(value, command);
  if (cut && !isObject(written)) return cutOff;
  const repeated = typeof written === "string" ? repeatedKey(written, "command") : null;
  if (repeated !== null) return moreThanOnce(repeated);
  const checked = commandSchema.safeParse({ name, args: readArgs(written) });
  return checked.success ? checked.data : `The command cannot be used: ${checked.error.issues[0]?.message}.`;
}

/** Members that are no part of a reply: behind a bracket too many, they may have been arguments. */
function hasStrays(reply: JsonObject, command: unknown): boolean {
  if (Object.keys(reply).some((key) => !isKey(key, "thoughts", "thought", "command", "args", "arguments"))) return true;
  return isObject(command) && Object.keys(command).some((key) => !isKey(key, "name", "args", "arguments"));
}

/** The arguments as written: in the command, beside its name, or beside a command that is only a name. */
function writtenArgs(reply: JsonObject, command: unknown): unknown {
  if (!isObject(command)) return memberOf(reply, "args", "arguments");
  const args = memberOf(command, "args", "arguments");
  if (args !== undefined) return args;
  const beside = Object.entries(command).filter(([key]) => !isKey(key, "name"));
  return beside.length > 0 ? Object.fromEntries(beside) : memberOf(reply, "args", "arguments");
}

/** No arguments may be written as nothing, null, an empty text or list; arguments may be the text of a JSON object. */
function readArgs(written: unknown): unknown {
  if (written === undefined || written === null) return {};
  if (Array.isArray(written)) return written.length === 0 ? {} : written;
  if (typeof written !== "string") return written;
  return written.trim() === "" ? {} : parseJson(written);
}

function readThoughts(written: unknown): Thoughts {
  if (!isObject(written)) return { ...noThoughts, text: asText(written) };
  const textOf = (key: keyof Thoughts): string => asText(memberOf(written, key));
  return {
    text: textOf("text"),
    reasoning: textOf("reasoning"),
    plan: textOf("plan"),
    criticism: textOf("criticism"),
    speak: textOf("speak"),
  };
}

/** Lists become lines with a dash, objects JSON. */
function asText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.map((item) => asText(item).replace(/^(?!- )/, "- ")).join("\n");
}

const isKey = (key: string, ...names: string[]): boolean => names.includes(key.trim().toLowerCase());

/** The first own member under one of these names, in any case; the exact spelling comes first. */
function memberOf(object: JsonObject, ...names: string[]): unknown {
  const key =
    names.find((name) => Object.hasOwn(object, name)) ?? Object.keys(object).find((own) => isKey(own, ...names));
  return key === undefined ? undefined : object[key];
}
