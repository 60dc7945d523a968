const asciiSize = 0x80;

/**
 * Whether a text is one character (a UTF-16 unit) of those that the expression, which is for single characters, describes. What it
 * finds of ASCII is kept: a reply of a megabyte is asked about character by character.
 */
export function ofKind(kind: RegExp): (character: string) => boolean {
  const known: (boolean | undefined)[] = [];
  return (character) => {
    if (character.length !== 1) return false;
    const code = character.charCodeAt(0);
    return code < asciiSize ? (known[code] ??= kind.test(character)) : kind.test(character);
  };
}
