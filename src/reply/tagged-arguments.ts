import { moreThanOnce } from "./json/repeated-key.js";
import { cutOff, type FoundObject } from "./json/read-object.js";

/**
 * How arguments stand between tags. `open` gives an argument's name, and whether its value is a text or JSON where that is
 * said; `strange` is what no value may hold, as its closing tag would be missing then; `stray` is a closing tag too many.
 */
export type Tags = { open: RegExp; close: RegExp; end: RegExp; strange: RegExp; stray: RegExp };

/**
 * A call whose arguments stand between tags from `at` on, as the object of a reply with that command. Values are texts, as
 * they stand there; where a value could end at two places, that is a problem.
 */
export function readTagged(source: string, at: number, name: string, tags: Tags): FoundObject {
  const args = new Map<string, unknown>();
  const found = (end: number, problem: string | null): FoundObject => ({
    ...{ value: problem === null ? { command: { name, args: Object.fromEntries(args) } } : {}, end, keys: ["command"] },
    ...{ cut: false, spare: false, problem },
  });
  for (let next = at; ;) {
    const end = matchAt(tags.end, source, next);
    if (end)
      return found(
        end.index + end[0].length,
        tags.stray.test(textUpToCall(source, next + end[0].length)) ? unclear : null,
      );
    const open = matchAt(tags.open, source, next);
    if (!open) return found(source.length, isCut(source, next) ? cutOff : unclear);
    const from = next + open[0].length;
    const close = matchAt(tags.close, source, from);
    if (!close) return found(source.length, cutOff);
    const written = source.slice(from, close.index);
    if (tags.strange.test(written)) return found(close.index, unclear);
    const [, key = "", isText] = open;
    if (args.has(key)) return found(close.index, moreThanOnce(key));
    const value = isText === "false" ? jsonOf(written) : isText === "true" ? written : withoutFrame(written);
    if (value === undefined) return found(close.index, `The argument ${JSON.stringify(key)} is not valid JSON.`);
    args.set(key, value);
    next = close.index + close[0].length;
  }
}

const unclear =
  "The tags of the call's arguments do not fit each other, so it could mean two things: answer with one JSON object, in the format that was given.";

function matchAt(expression: RegExp, source: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at;
  return expression.exec(source);
}

/** Nothing but the beginning of a tag is left. */
const isCut = (source: string, at: number): boolean => /^\s*(?:<[^>]{0,200})?$/.test(source.slice(at, at + 400));

/** What stands behind a call, up to where another one may begin. */
function textUpToCall(source: string, from: number): string {
  const next = source.slice(from).search(/<(?:function[=\s]|tool_call>|(?:｜DSML｜)?invoke\s)/);
  return next === -1 ? source.slice(from) : source.slice(from, from + next);
}

/** A value on lines of its own, without the line breaks that only set it off from its tags. */
const withoutFrame = (written: string): string =>
  written.startsWith("\n") ? written.slice(1).replace(/\n$/, "") : written;

function jsonOf(written: string): unknown {
  try {
    return JSON.parse(written) as unknown;
  } catch {
    return undefined;
  }
}
