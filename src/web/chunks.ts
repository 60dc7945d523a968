import type { TokenCounter } from "../model/tokens.js";
import { wholeEnd } from "../base/text.js";

/** The ends at which a text is cut where possible, the best first. */
const boundaries = [/\n\n/g, /\n/g, /[.!?。！？…]["'”’)\]]?\s?/g, /[\s,;，、；]/g];
/** The largest part of a chunk that is given up for a better end. */
const givenUp = 1 / 4;

/**
 * Cuts a text into chunks of at most `most` tokens, none of them blank, at the ends of paragraphs, sentences or words
 * where there are any and anywhere else where there are none. Nothing but white space between chunks is left out.
 */
export function cutByTokens(text: string, most: number, counter: TokenCounter): string[] {
  const chunks: string[] = [];
  for (let rest = withoutBlankStart(text.trimEnd()); rest !== "";) {
    // One character is taken in any case, a surrogate pair too, or there would be no end.
    const fitting = Math.max(1, counter.fittingLength(rest, most));
    const end = fitting >= rest.length ? rest.length : goodEnd(rest, fitting);
    const chunk = rest.slice(0, end).trimEnd();
    if (chunk !== "") chunks.push(chunk);
    rest = withoutBlankStart(rest.slice(end));
  }
  return chunks;
}

/** Without blank lines before it, and with the spaces at the start of its first line, which mean something in code. */
const withoutBlankStart = (text: string): string => text.replace(/^(?:[^\S\n]*\n)+|^\s+$/, "");

function goodEnd(text: string, fitting: number): number {
  const from = Math.floor(fitting * (1 - givenUp));
  const tail = text.slice(from, fitting);
  for (const boundary of boundaries) {
    const last = [...tail.matchAll(boundary)].at(-1);
    if (last) return from + last.index + last[0].length;
  }
  return wholeEnd(text, fitting) || 2;
}
