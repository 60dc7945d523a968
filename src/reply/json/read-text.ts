import { closersOf, closesValue, stopAt, type Position } from "./closing-quote.js";
import { ofKind } from "./of-kind.js";
import { readEscape } from "./read-escape.js";

/**
 * A text as it was meant. `closed` is false where the source ends inside it; `doubtful` where unescaped quotes inside it
 * could also be read as something else (an expression, a missing quote), so that it must not be used.
 */
export type Text = { text: string; end: number; closed: boolean; doubtful: boolean };

/** Reads the text that the quote at `start` opens. Takes raw line breaks, Python's and typographic quotes, and quoted words inside. */
export function readText(source: string, start: number, position: Position): Text {
  const quote = source.charAt(start);
  if (!position.key && source.startsWith(quote.repeat(3), start)) return readTripleQuoted(source, start, position);
  const quotes = quotesIn(source, start + 1, quote, closersOf(quote) ?? quote);
  let doubtful = false;
  let bareQuotes = 0;
  for (let found = quotes.next(); found !== null; found = quotes.next()) {
    if (position.key || closesValue(source, found, position)) {
      const text = quotes.textTo(found);
      doubtful ||= bareQuotes % 2 === 1 || (quote === "`" && text.includes("${"));
      return { text, end: found + 1, closed: true, doubtful };
    }
    if (isApostrophe(source, found)) continue;
    doubtful ||= !isProseQuote(source, found, start, bareQuotes % 2 === 0);
    bareQuotes += 1;
  }
  const line = bareQuotes === 0 && !position.key ? readUnclosedLine(source, start, position) : null;
  return line ?? { text: quotes.textTo(), end: source.length, closed: false, doubtful: bareQuotes > 0 };
}

/** The quotes, any of `closing`, that stand in a text from `start` on, where `quote` has opened it; escapes are read on the way. */
function quotesIn(source: string, start: number, quote: string, closing: string) {
  const stop = stopAt(closing);
  let text = "";
  /** From here on to the next escape, the text stands in the source as it is. */
  let from = start;
  let at = start;
  return {
    /** Where the next one stands; null where there is none. */
    next(): number | null {
      for (;;) {
        stop.lastIndex = at;
        const found = stop.exec(source)?.index ?? source.length;
        if (found >= source.length) return null;
        at = found + 1;
        if (source[found] !== "\\") return found;
        const escape = readEscape(source, found, quote);
        text += source.slice(from, found) + escape.text;
        at = from = escape.end;
      }
    },
    /** The text up to there, or to the source's end. */
    textTo: (end?: number): string => text + source.slice(from, end),
  };
}

const isLetter = ofKind(/[\p{L}\p{N}_]/u);
const isBeforeOpening = ofKind(/[\s([–—\u0080-\uffff]/);
const isBeforeClosing = ofKind(/[\p{L}\p{N}_.,!?)%\u0080-\uffff]/u);
const isBehindClosing = ofKind(/[\s.,;!?)\]"'\u0080-\uffff]/);

/** `don't` inside a text that `'` opened. */
const isApostrophe = (source: string, at: number): boolean =>
  "'’".includes(source.charAt(at)) && isLetter(source.charAt(at - 1)) && isLetter(source.charAt(at + 1));

/**
 * Unescaped quotes are taken as part of a text only where they stand as in prose: one before a word, one behind it.
 * In `"Hello " + name + "!"` they do not. Scripts that set no spaces between words get by without them.
 */
function isProseQuote(source: string, at: number, start: number, opening: boolean): boolean {
  const before = source.charAt(at - 1);
  const after = source.charAt(at + 1);
  if (opening) return isLetter(after) && (at - 1 === start || isBeforeOpening(before));
  return isBeforeClosing(before) && isBehindClosing(after);
}

/** Python's `"""…"""`. */
function readTripleQuoted(source: string, start: number, position: Position): Text {
  const quote = source.charAt(start);
  const quotes = quotesIn(source, start + 3, quote, quote);
  for (let found = quotes.next(); found !== null; found = quotes.next()) {
    if (source.startsWith(quote.repeat(3), found) && closesValue(source, found + 2, position))
      return { text: quotes.textTo(found), end: found + 3, closed: true, doubtful: false };
  }
  return { text: quotes.textTo(), end: source.length, closed: false, doubtful: true };
}

/**
 * A last text whose closing quote is missing: one line without brackets, then exactly the brackets that are still due.
 * Anything else could be a text that was cut off.
 */
function readUnclosedLine(source: string, start: number, position: Position): Text | null {
  const end = source.indexOf("\n", start);
  if (end === -1) return null;
  const line = source.slice(start + 1, end).trimEnd();
  const rest = source.slice(end).trimEnd().replace(/```$/, "");
  if (/[\\{}[\]]|,$/.test(line) || !/^[\s}\]]*$/.test(rest)) return null;
  if (rest.replace(/\s/g, "").length !== position.depth) return null;
  return { text: line, end, closed: true, doubtful: false };
}
