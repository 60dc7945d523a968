import type { StreamMask } from "../base/mask.js";
import { withoutThinking } from "../reply/thinking.js";

/** What has arrived of a reply's thoughts: texts by name in the order they came, the last one perhaps unfinished. */
export type PartialThoughts = ReadonlyMap<string, { text: string; whole: boolean }>;

const start = /"thoughts?"\s*:\s*\{/gi;
/** What stands before the thoughts of a reply that is its object alone, in a fence or not. */
const beginning = /^(?:```\w*\s*)?\{\s*$/;
/** So many places are looked at whether the thoughts begin there, each once. */
const mostPlaces = 20;
/** More than any text that `start` finds. */
const longestStart = 40;
const member = /\s*,?\s*"(\w+)"\s*:\s*"/y;
const unfinishedMember = /^\s*,?\s*(?:"\w*(?:"\s*:?\s*)?)?$/;
const simpleEscapes = new Map(Object.entries({ n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" }));

/**
 * Reads the thoughts of a reply while it comes, for people to see: nothing is executed by what it says. It stops at
 * anything but a plain text; what it cannot read is shown once the reply is there.
 */
export function createThoughtReader(): { read(piece: string): PartialThoughts } {
  const thoughts = new Map<string, { text: string; whole: boolean }>();
  let source = "";
  let at = -1;
  let key: string | null = null;
  let over = false;

  let searched = 0;
  let places = 0;

  const begin = (): boolean => {
    start.lastIndex = searched;
    searched = Math.max(searched, source.length - longestStart);
    for (let found = start.exec(source); found && places < mostPlaces; found = start.exec(source)) {
      places += 1;
      searched = start.lastIndex;
      // What stands within thinking is none of the reply's thoughts.
      if (!beginning.test(withoutThinking(source.slice(0, found.index)))) continue;
      at = start.lastIndex;
      return true;
    }
    return false;
  };
  const nextKey = (): boolean => {
    member.lastIndex = at;
    const found = member.exec(source);
    if (found) {
      key = found[1] ?? "";
      at = member.lastIndex;
      thoughts.set(key, { text: "", whole: false });
    } else over = !unfinishedMember.test(source.slice(at));
    return found !== null;
  };
  const readText = (name: string): boolean => {
    const piece = readPiece(source, at);
    at = piece.end;
    thoughts.set(name, { text: (thoughts.get(name)?.text ?? "") + piece.text, whole: piece.closed });
    if (piece.closed) key = null;
    return piece.closed;
  };
  return {
    read(piece) {
      source += piece;
      if (at === -1 && !begin()) return thoughts;
      while (!over && (key === null ? nextKey() : readText(key)));
      return thoughts;
    },
  };
}

/** The text from `at` to its closing quote, or to the end of what has come; half an escape is left for the next time. */
function readPiece(source: string, at: number): { text: string; end: number; closed: boolean } {
  const pieces: string[] = [];
  let end = at;
  for (;;) {
    const stop = /["\\]/g;
    stop.lastIndex = end;
    const found = stop.exec(source)?.index ?? source.length;
    pieces.push(source.slice(end, found));
    end = found;
    if (end >= source.length) return { text: pieces.join(""), end, closed: false };
    if (source[end] === '"') return { text: pieces.join(""), end: end + 1, closed: true };
    const isCode = source[end + 1] === "u";
    const length = isCode ? 6 : 2;
    if (end + length > source.length) return { text: pieces.join(""), end, closed: false };
    const letter = source.charAt(end + 1);
    const code = parseInt(source.slice(end + 2, end + 6), 16);
    pieces.push(isCode ? (Number.isNaN(code) ? "" : String.fromCharCode(code)) : (simpleEscapes.get(letter) ?? letter));
    end += length;
  }
}

/**
 * How much can be shown of a text that is still coming: words are shown whole, and secrets with spaces too, for half of one could be
 * half a secret, or half a character.
 */
export function upToBreak(text: string, space: RegExp, mask: StreamMask): string {
  for (let end = text.length; end > 0; end--) {
    if (!space.test(text.charAt(end - 1))) continue;
    const safe = mask.safeEnd(text, end - 1);
    if (safe === end - 1) return text.slice(0, safe);
    end = safe + 1;
  }
  return "";
}
