/**
 * An estimate without a tokeniser, in practice at or above the true count. In tokens: a character outside ASCII counts
 * for its UTF-8 bytes (a text never has more tokens than bytes); lower-case letters, spaces and repeated characters for
 * 1/3 each (prose has more than four characters a token); capitals, punctuation and each change between letters and
 * digits, which begin a new token, for 1; further digits of a number, which are grouped by three, for 1/2. Only random
 * letters in one case, of which no prompt consists, are estimated too low.
 */
export function estimateTokens(text: string): number {
  let sixths = 0;
  let previous = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    sixths += code < 0x80 ? sixthsOfAscii(code, previous) : 6 * bytesOf(code);
    previous = code;
  }
  return Math.ceil(sixths / 6);
}

function sixthsOfAscii(code: number, previous: number): number {
  if (code === previous || code === space) return 2;
  if (isLower(code)) return isDigit(previous) ? 6 : isCapital(previous) ? 4 : 2;
  return isDigit(code) && isDigit(previous) ? 3 : 6;
}

const space = 32;
const isLower = (code: number) => code >= 97 && code <= 122;
const isCapital = (code: number) => code >= 65 && code <= 90;
const isDigit = (code: number) => code >= 48 && code <= 57;

/** UTF-8 bytes of one UTF-16 unit, at most: each half of a surrogate pair counts for three. */
function bytesOf(code: number): number {
  return code < 0x800 ? 2 : 3;
}
