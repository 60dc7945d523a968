/**
 * An estimate without a tokeniser that is at or above the true count in practice. The encodings work on UTF-8 bytes and
 * never need more tokens than bytes, so a character outside ASCII counts for its bytes. In ASCII, words and repetitions
 * become long tokens (prose has more than four characters a token): lower-case letters, spaces and repeated characters
 * count for a third each. Capitals, signs and the change between letters and digits break words apart and count for
 * one, further digits of a number, which are grouped by three, for half. Only random letters in one case, which no
 * prompt consists of, are estimated too low.
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

/** UTF-8 bytes of one UTF-16 unit. A surrogate alone is written as three; a pair, four bytes, counts for six. */
function bytesOf(code: number): number {
  return code < 0x800 ? 2 : 3;
}
