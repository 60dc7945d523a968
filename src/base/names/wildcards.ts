/**
 * Whether a text fits a pattern, in time that grows with the product of their lengths at most: `*` is any text, `?` one
 * character, `[*]` and `[?]` these signs themselves.
 */
export function fits(pattern: string, text: string): boolean {
  const signs = pattern.match(/\[[*?]\]|[^]/g) ?? [];
  const literal = signs.map(textOfPattern);
  let at = 0;
  let inText = 0;
  let star = -1;
  let resume = 0;
  while (inText < text.length) {
    if (signs[at] === "*") [star, resume] = [at++, inText];
    else if (at < signs.length && (signs[at] === "?" || literal[at] === text[inText])) {
      at += 1;
      inText += 1;
    } else if (star >= 0) [at, inText] = [star + 1, ++resume];
    else return false;
  }
  while (signs[at] === "*") at += 1;
  return at === signs.length;
}

/** A text that fits a pattern: its own signs, and `*` and `?` for themselves. */
export const textOfPattern = (pattern: string): string => pattern.replace(/\[([*?])\]/g, "$1");

/** The pattern that only this text fits. */
export const literalPattern = (text: string): string => text.replace(/[*?]/g, "[$&]");
