/** A text without its escapes, as one Latin-1 character for each byte of UTF-8. `places[i]` is where character i begins in the text; the last is its end. */
export type Unescaped = { bytes: string; places: Uint32Array };

/** One character as URLs, JSON and programs, and HTML write it. */
const escapes =
  /%([0-9a-f]{2})|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|\\u\{([0-9a-f]{1,6})\}|&#x([0-9a-f]{1,6});|&#([0-9]{1,7});|&(amp|lt|gt|quot|apos|sol|colon|period|lowbar|hyphen|equals|plus);|\\(["'/\\])/gi;
const mayEscape = /[%\\&]/;

/** What may be the beginning of an escape whose rest is still coming. */
const unfinished =
  /(?:%[0-9a-f]?|\\(?:u[0-9a-f]{0,3}|u\{[0-9a-f]{0,6}|x[0-9a-f]?)?|&(?:#x?[0-9a-f]{0,7}|[a-z]{0,6})?)$/i;

const named: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", sol: "/", colon: ":", period: "." },
  ...{ lowbar: "_", hyphen: "-", equals: "=", plus: "+" },
};

/** Escapes of escapes (`%2573`) are undone as often as this. */
const rounds = 3;

/** How many characters at the end of a text are the beginning of an escape whose rest may still come. */
export const unfinishedEscape = (text: string): number => unfinished.exec(text.slice(-12))?.[0].length ?? 0;

/**
 * Undoes the escapes of URLs, JSON and HTML wherever they stand; null for a text that has none. Takes time in proportion
 * to the length.
 */
export function unescaped(text: string): Unescaped | null {
  if (!mayEscape.test(text)) return null;
  let current = plainBytes(text);
  let found = false;
  for (let round = 0; round < rounds; round++) {
    const next = undone(current);
    if (next === null) break;
    [current, found] = [next, true];
  }
  return found ? current : null;
}

/** A text as the bytes of its UTF-8, with their places. */
function plainBytes(text: string): Unescaped {
  const bytes = Buffer.from(text, "utf8").toString("latin1");
  const places = new Uint32Array(bytes.length + 1);
  let at = 0;
  let index = 0;
  for (const character of text) {
    const size = Buffer.byteLength(character);
    places.fill(index, at, at + size);
    [at, index] = [at + size, index + character.length];
  }
  places[at] = text.length;
  return { bytes, places };
}

/** One round; null where there was nothing to undo. */
function undone({ bytes, places }: Unescaped): Unescaped | null {
  const parts: string[] = [];
  const at: number[] = [];
  let from = 0;
  const keepUpTo = (end: number): void => {
    parts.push(bytes.slice(from, end));
    for (let index = from; index < end; index++) at.push(places[index] as number);
  };
  for (const match of bytes.matchAll(escapes)) {
    const character = characterOf(match);
    if (character === null) continue;
    keepUpTo(match.index);
    parts.push(character);
    for (let count = 0; count < character.length; count++) at.push(places[match.index] as number);
    from = match.index + match[0].length;
  }
  if (from === 0) return null;
  keepUpTo(bytes.length);
  return { bytes: parts.join(""), places: Uint32Array.from([...at, places.at(-1) as number]) };
}

/** The bytes that an escape stands for, as Latin-1; null where it stands for none. */
function characterOf([, percent, u4, x2, u6, hex, decimal, name, sign]: RegExpMatchArray): string | null {
  if (percent !== undefined) return String.fromCharCode(parseInt(percent, 16));
  if (sign !== undefined) return sign;
  if (name !== undefined) return named[name.toLowerCase()] ?? null;
  const code = decimal === undefined ? parseInt(u4 ?? x2 ?? u6 ?? hex ?? "", 16) : Number(decimal);
  return code <= 0x10ffff ? Buffer.from(String.fromCodePoint(code)).toString("latin1") : null;
}
