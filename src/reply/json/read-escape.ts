const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** What was read from a source, and where reading goes on. */
export type Escape = { text: string; end: number };

/**
 * Reads a run of backslashes at `at` and the character it escapes, inside a text that `quote` opened. JSON's escapes are
 * decoded; an invalid one keeps its backslash (`C:\Users`); a backslash at the end of a line joins it with the next.
 */
export function readEscape(source: string, at: number, quote: string): Escape {
  let next = at;
  while (source[next] === "\\") next += 1;
  const count = next - at;
  const pairs = "\\".repeat(count >> 1);
  if (count % 2 === 0) return { text: pairs, end: next };
  if (source[next] === "'" && quote !== "'" && isCopiedEscape(count)) return { text: "'", end: next + 1 };
  const escaped = readEscaped(source, next, quote);
  return escaped ? { text: pairs + escaped.text, end: escaped.end } : { text: `${pairs}\\`, end: next };
}

/** Python's `repr` of a text in a text in a text turns `'` into `\'`, then `\\\'`, then seven backslashes: 2ⁿ − 1 of them. */
const isCopiedEscape = (count: number): boolean => (count & (count + 1)) === 0;

/** The character at `at`, behind an odd backslash; null where that is no escape. */
function readEscaped(source: string, at: number, quote: string): Escape | null {
  const character = source[at] ?? "";
  const simple = escapes.get(character);
  if (simple !== undefined) return { text: simple, end: at + 1 };
  if (character === "'" || character === quote) return { text: character, end: at + 1 };
  if (character === "u") return readCode(source, at + 1, 4);
  if (character === "x" && quote === "'") return readCode(source, at + 1, 2);
  if (character === "\n") return { text: "", end: at + 1 };
  if (character === "\r" && source[at + 1] === "\n") return { text: "", end: at + 2 };
  return null;
}

/** A character given by its code in hexadecimal digits. */
function readCode(source: string, at: number, digits: number): Escape | null {
  const code = source.slice(at, at + digits);
  if (code.length < digits || !/^[0-9a-f]+$/i.test(code)) return null;
  return { text: String.fromCharCode(Number.parseInt(code, 16)), end: at + digits };
}
