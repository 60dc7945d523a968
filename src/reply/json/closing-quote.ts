import { ofKind } from "./of-kind.js";

/** Where a text stands: decides what may follow its closing quote. `depth` counts the containers that are open around it. */
export type Position = { key: boolean; list: boolean; depth: number };

const closers: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
  ["“", "“”"],
  ["”", "“”"],
  ["„", "“”"],
  ["‘", "‘’"],
  ["’", "‘’"],
]);

/** The characters that may close a text which this one opens; undefined where it opens none. */
export const closersOf = (quote: string | undefined): string | undefined =>
  quote === undefined || isPlain(quote) ? undefined : closers.get(quote);

/** What of ASCII is no quote: a look into the table takes longer than the rest of a short token. */
const isPlain = ofKind(/[^"'`\u0080-\uffff]/);

const isQuote = (character: string | undefined): boolean => closersOf(character) !== undefined;

/** The index of the first character from `at` on that is not white space. */
export function skipSpace(source: string, at: number): number {
  let next = at;
  while (isSpaceAt(source, next)) next += 1;
  return next;
}

const [tab, carriageReturn, space, lastOfAscii] = [0x09, 0x0d, 0x20, 0x7f];

/** Whether a character is there that is white space to `trim`. Looked at by its code: a reply is read character by character. */
export function isSpaceAt(source: string, at: number): boolean {
  const code = source.charCodeAt(at);
  if (code <= lastOfAscii) return code === space || (code >= tab && code <= carriageReturn);
  return code > lastOfAscii && source.charAt(at).trim() === "";
}

/** A search for the next of these characters, or a backslash, from its `lastIndex` on; made once for each kind of quote. */
export function stopAt(closing: string): RegExp {
  const known = stops.get(closing) ?? new RegExp(`[${closing}\\\\]`, "g");
  stops.set(closing, known);
  return known;
}

const stops = new Map<string, RegExp>();

/**
 * Whether the quote at `at` ends the value it may belong to: after an end comes what JSON wants there, after a bare quote
 * inside a text comes more text. In valid JSON the first unescaped quote always ends the text.
 */
export function closesValue(source: string, at: number, position: Position): boolean {
  const next = skipSpace(source, at + 1);
  switch (source[next]) {
    case undefined:
    case "#":
      return true;
    case "}":
    case "]":
      return closesContainers(source, next, position);
    case ",":
      return startsMember(source, skipSpace(source, next + 1), position);
    case "+":
      return isQuote(source[skipSpace(source, next + 1)]);
    case "/":
    case "`":
      return isComment(source, next) || source.startsWith("```", next);
    default:
      return (
        !position.list && startsKey(source, next) && (isQuote(source[next]) || source.slice(at, next).includes("\n"))
      );
  }
}

/** Closing brackets that JSON's rules allow at `at`: the innermost fits, and what follows them is not more of the text. */
function closesContainers(source: string, at: number, position: Position): boolean {
  if (source[at] !== (position.list ? "]" : "}")) return false;
  let count = 0;
  let next = at;
  while (source[next] === "}" || source[next] === "]") {
    count += 1;
    next = skipSpace(source, next + 1);
  }
  const follower = source[next];
  if (count >= position.depth || follower === undefined || follower === ",") return true;
  return source.startsWith("```", next) || isComment(source, next) || startsKey(source, next);
}

/** What may follow a comma: another member of the same container, its end, or a comment. */
function startsMember(source: string, at: number, position: Position): boolean {
  const character = source[at];
  if (character === undefined || isComment(source, at)) return true;
  if (!position.list) return character === "}" || startsKey(source, at);
  if (isQuote(character) || "]{[-0123456789".includes(character)) return true;
  return /^(?:true|false|null)\b/i.test(source.slice(at, at + 6)) || source.startsWith("None", at);
}

const shortWord = /\w{1,60}/y;

/** A key, quoted or a bare word, with its colon, or as much of it as a source that was cut off has. */
function startsKey(source: string, at: number): boolean {
  const closing = closersOf(source[at]);
  if (closing === undefined) {
    shortWord.lastIndex = at;
    const word = shortWord.exec(source);
    return word !== null && source[skipSpace(source, at + word[0].length)] === ":";
  }
  const stop = stopAt(closing);
  let end = at + 1;
  for (;;) {
    stop.lastIndex = end;
    end = stop.exec(source)?.index ?? source.length;
    if (source[end] !== "\\") break;
    end += 2;
  }
  const follower = source[skipSpace(source, end + 1)];
  return follower === ":" || (follower === undefined && /^\w*$/.test(source.slice(at + 1, end)));
}

/** A comment of JavaScript or Python begins here. */
export function isComment(source: string, at: number): boolean {
  const character = source[at];
  return character === "#" || (character === "/" && (source[at + 1] === "/" || source[at + 1] === "*"));
}
