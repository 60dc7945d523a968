import { endOfString } from "./strict-object.js";

type Level = { keys: Set<string>; counts: boolean; isRoot: boolean; isCommand: boolean; key: string };

const colon = /\s*:/y;

/**
 * The first key that a JSON text gives twice where that could mean two things: anywhere below a reply's "command" and its
 * args (a second "command" is seen elsewhere); for a `command` object by itself, anywhere in it. JSON.parse takes the last one and says nothing.
 * Null where there is none. Takes time in proportion to the length.
 */
export function repeatedKey(json: string, what: "reply" | "command"): string | null {
  const levels: Level[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === "{" || character === "[") levels.push(levelBelow(levels.at(-1), what));
    else if (character === "}" || character === "]") levels.pop();
    if (character !== '"') continue;
    const end = endOfString(json, at);
    if (end === null) return null;
    const level = levels.at(-1);
    colon.lastIndex = end;
    if (level && colon.test(json)) {
      const written = json.slice(at + 1, end - 1);
      if (isRepeated(level, written)) return written;
    }
    at = end - 1;
  }
  return null;
}

function levelBelow(parent: Level | undefined, what: "reply" | "command"): Level {
  const isRoot = parent === undefined;
  const isCommand = isRoot ? what === "command" : parent.isRoot && what === "reply" && parent.key === "command";
  const isArgs = !isRoot && parent.isRoot && parent.key === "args";
  return {
    keys: new Set(),
    counts: isRoot || isCommand || isArgs || (parent.counts && !parent.isRoot),
    isRoot,
    isCommand,
    key: "",
  };
}

function isRepeated(level: Level, written: string): boolean {
  const key = level.isRoot || level.isCommand ? partOf(written) : unescaped(written);
  level.key = key;
  const matters = level.counts && (!level.isRoot || level.isCommand || key === "args");
  if (matters && level.keys.has(key)) return true;
  level.keys.add(key);
  return false;
}

/** The parts of a reply and of its command are known in any case, and one of them by two names. */
function partOf(written: string): string {
  const key = unescaped(written).trim().toLowerCase();
  return key === "arguments" ? "args" : key;
}

const unescaped = (written: string): string =>
  written.includes("\\") ? (JSON.parse(`"${written}"`) as string) : written;

/** What is wrong with a reply, as JSON, that gives a part of its command twice; null where nothing is. */
export function problemOfRepeats(json: string): string | null {
  const key = repeatedKey(json, "reply");
  return key === null ? null : moreThanOnce(key);
}

/** What the model is told of a part that it gives twice. */
export const moreThanOnce = (key: string): string =>
  `The command gives ${JSON.stringify(key)} more than once: give each part once.`;
