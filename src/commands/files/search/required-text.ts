/** A shorter one leaves out too few files. */
const fewestLetters = 3;

/** An escape, a class of characters, how often something comes, or any other sign. */
const signs = /\\[^]|\[(?:\\[^]|[^\]\\])*\]|(?:[*+?]|\{\d+(?:,\d*)?\})\??|[^]/g;
const howOften = /^(?:([*?])|\+|\{(\d+)(?:,\d*)?\})\??$/;

/**
 * A text that every line holds which a regular expression of JavaScript fits: the longest that stands in its source, of printable
 * ASCII; null where none can be told. With `ignoreCase` the line holds it in any letters.
 */
export function requiredText(pattern: string, ignoreCase: boolean): string | null {
  const runs: string[] = [];
  let run = "";
  const end = (): void => {
    runs.push(run);
    run = "";
  };
  let depth = 0;
  for (const sign of pattern.match(signs) ?? []) {
    if (sign === "(" || sign === ")") {
      depth += sign === "(" ? 1 : -1;
      end();
      continue;
    }
    // What stands in a group may be one of several.
    if (depth > 0) continue;
    if (sign === "|") return null;
    const repeated = howOften.exec(sign);
    if (repeated) {
      const mayBeMissing = repeated[1] !== undefined || Number(repeated[2] ?? 1) === 0;
      if (mayBeMissing) run = run.slice(0, -1);
      end();
      continue;
    }
    const letter = letterOf(sign, ignoreCase);
    if (letter === undefined) return null;
    if (letter === null) end();
    else run += letter;
  }
  end();
  const longest = runs.reduce((best, one) => (one.length > best.length ? one : best), "");
  return longest.length >= fewestLetters ? longest : null;
}

/** The letter that a sign stands for; null where it is another one, or none; undefined for an escape that may mean more. */
function letterOf(sign: string, ignoreCase: boolean): string | null | undefined {
  const isEscape = sign.startsWith("\\");
  if (isEscape && /[a-zA-Z0-9]$/.test(sign)) return /[bBdDwWsStnrfv]$/.test(sign) ? null : undefined;
  const letter = isEscape ? sign.slice(1) : sign;
  if (!/^[\x20-\x7e]$/.test(letter) || (!isEscape && /^[.^$]$/.test(letter))) return null;
  // Other letters than these pass for them: the signs of Kelvin, and the long s.
  return ignoreCase && /[ks]/i.test(letter) ? null : letter;
}
