import { findCommandPart } from "./command-part.js";
import { doubtAround, type Surroundings } from "./doubt.js";
import { findObjects, type PlacedObject } from "./find-objects.js";
import type { Reply } from "./format.js";
import { readObject, type FoundObject } from "./json/read-object.js";
import { problemOfRepeats } from "./json/repeated-key.js";
import { withoutThinking } from "./thinking.js";
import { givesCommand, isReplyLike, readReply, refused } from "./read-reply.js";
import { commandOf, toolCallStart } from "./tool-call.js";
import { isObject, parseJson } from "../base/json.js";
import { keepResults } from "../base/keeping/kept-results.js";

/**
 * Reads a model's reply: one command, exactly as it was written, or one line that says what is wrong with the reply.
 * Never throws, takes time in proportion to the length, and never guesses at an argument: what is only half there, or
 * could mean two things, is a problem. Thoughts are given wherever they can be read. A text that was just read gives the same object again.
 */
export const parseReply: (text: string) => Reply = keepResults(read, { texts: 2, characters: 1_000_000 });

function read(text: string): Reply {
  const trimmed = text.trim();
  if (trimmed === "") return refused("The reply is empty: answer with one JSON object.");
  const whole = parseJson(trimmed);
  if (isObject(whole)) return readReply(asBareCall(exactly(whole, trimmed)));
  if (whole !== undefined) return refused(`The reply is ${kindOf(whole)}: answer with one JSON object.`);
  const reply = withoutThinking(trimmed);
  if (reply === "") return refused("The reply holds only thinking: answer with one JSON object behind it.");
  const objects = findObjects(reply);
  const unreadable = objects.find(({ problem }) => problem !== null);
  if (unreadable) return readUnreadable(reply, unreadable);
  return withoutDoubt(reply, objects, readOne(objects));
}

/** A whole reply that is JSON. Its keys are counted only where "command" might stand in it twice, which JSON.parse hides. */
function exactly(value: Record<string, unknown>, text: string): FoundObject {
  const isRepeated = (text.match(/"command"\s*:/gi) ?? []).length > 1;
  const keys = isRepeated ? readObject(text, 0).keys : Object.keys(value);
  return {
    value,
    end: text.length,
    keys,
    cut: false,
    spare: false,
    problem: problemOfRepeats(text),
  };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return value === null ? "null" : `a ${typeof value}`;
}

/** The thoughts that could be read, and the command if it stands by itself. */
function readUnreadable(reply: string, unreadable: PlacedObject): Reply {
  const broken = readReply(unreadable);
  // An argument of a call between tags may hold what looks like a command.
  const part = new RegExp(toolCallStart).test(reply) ? null : findCommandPart(reply);
  const before = reply.slice(0, unreadable.start);
  return part && doubtAround({ before, lead: before, after: "" }) === null
    ? { ...readReply(part), thoughts: broken.thoughts }
    : broken;
}

/** The reply as it was read, or a problem where the words around its command leave open whether it is to run. */
function withoutDoubt(text: string, objects: readonly PlacedObject[], reply: Reply): Reply {
  if (reply.command === null) return reply;
  const placed = objects.length === 1 ? objects : objects.filter(givesCommand);
  const doubts = placed.map((object) => doubtAround(surroundingsOf(text, objects, object)));
  // The same command may be spoken of first, and then be answered.
  const [doubt] = doubts.includes(null) ? [] : doubts;
  if (doubt === undefined || doubt === null) return reply;
  return refused(
    `The words around the command (${JSON.stringify(doubt)}) leave open whether it is to run: answer with its object alone.`,
    reply.thoughts,
  );
}

/** The prose around one object, with a dash for each of the others. */
function surroundingsOf(text: string, objects: readonly PlacedObject[], object: PlacedObject): Surroundings {
  const ends = [0, ...objects.map(({ end }) => end)];
  const prose = [...objects.map(({ start }, index) => text.slice(ends[index], start)), text.slice(ends.at(-1))];
  const at = objects.indexOf(object);
  const previous = objects.slice(0, at).findLastIndex(givesCommand);
  return {
    before: prose.slice(0, at + 1).join(" - "),
    lead: prose.slice(previous + 1, at + 1).join(" - "),
    after: prose.slice(at + 1).join(" - "),
  };
}

/** Llama writes `{"name": …, "parameters": {…}}` without any mark: a call, where it is all that the reply holds. */
function asBareCall(object: FoundObject): FoundObject {
  const { keys, problem, cut } = object;
  const isCall =
    keys.length === 2 && keys.includes("name") && (keys.includes("parameters") || keys.includes("arguments"));
  const { command } = isCall && problem === null && !cut ? commandOf(object) : { command: null };
  return command === null || !isObject(command.args) ? object : { ...object, value: { command }, keys: ["command"] };
}

/** The reply among all objects of a text: the same command given again counts once, another one is a problem. */
function readOne(objects: readonly FoundObject[]): Reply {
  const meant = objects.filter(isReplyLike);
  const [only] = objects;
  if (only !== undefined && objects.length === 1) return readReply(asBareCall(only));
  const first = meant.find(givesCommand) ?? meant[0] ?? objects[0];
  if (first === undefined)
    return refused("The reply holds no JSON object: answer with one, in the format that was given.");
  const replies = meant.filter(givesCommand).map(readReply);
  const faulty = replies.find(({ problem }) => problem !== null);
  if (faulty) return faulty;
  const commands = new Set(replies.map(({ command }) => JSON.stringify(command)));
  if (commands.size > 1)
    return refused("The reply names several different commands: name one.", readReply(first).thoughts);
  return readReply(first);
}
