import { unescaped, unfinishedEscape } from "./encodings/unescaped.js";

/** Shorter pieces of base64 turn up by chance. */
const shortestBase64 = 12;
const shortestHexadecimal = 12;

/** Values of our own in events, which are never secrets and must be found again as they were. */
const structural: ReadonlySet<string> = new Set([
  "type",
  "time",
  "run",
  "version",
  "purpose",
  "reason",
  "outcome",
  "finishReason",
  "only",
  "memory",
  "workspace",
  "role",
  "verdict",
  "stop",
]);

/** The spellings in which a secret may turn up: as it is, in JSON, in a URL, in base64 (of UTF-16 as well), as hexadecimal digits. */
function spellings(secret: string): string[] {
  const url = encodeURIComponent(secret);
  const form = url.replaceAll("%20", "+");
  const lowerUrl = url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    url,
    lowerUrl,
    form,
    ...inBase64(Buffer.from(secret)),
    ...inBase64(Buffer.from(secret, "utf16le")),
    ...inBase64(Buffer.from(secret, "utf16le").swap16()),
    ...inHexadecimal(secret),
  ];
}

function inHexadecimal(secret: string): string[] {
  const digits = Buffer.from(secret).toString("hex");
  return digits.length >= shortestHexadecimal ? [digits, digits.toUpperCase()] : [];
}

/** How a secret looks inside base64, at each place it may have among the bytes around it. */
function inBase64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    // The first and last characters also hold bits of the neighbours.
    const whole = encoded.slice(before === 0 ? 0 : before + 1, Math.floor(((before + bytes.length) * 8) / 6));
    const forUrls = whole.replaceAll("+", "-").replaceAll("/", "_");
    return whole.length >= shortestBase64 ? [whole, forUrls] : [];
  });
}

/**
 * Makes a function that replaces these secrets in every text of a value, however deep, by `[secret]`; in an event the
 * names of its fields and the values of our own stay, and names that a model chose do not.
 */
export function createMask(secrets: readonly string[]): StreamMask {
  const words = [...new Set(secrets.flatMap(spellings))].sort((a, b) => b.length - a.length);
  if (words.length === 0)
    return Object.assign(<Value>(value: Value) => value, { safeEnd: (_: string, end: number) => end });
  const asBytes = words.map((word) => Buffer.from(word).toString("latin1"));
  const maskText = (text: string): string => {
    let masked = text;
    for (const word of words) if (masked.includes(word)) masked = masked.replaceAll(word, "[secret]");
    return withoutEscaped(asBytes, masked);
  };
  const mask = (value: unknown, foreign: boolean): unknown => {
    if (typeof value === "string") return maskText(value);
    if (Array.isArray(value)) return value.map((item) => mask(item, foreign));
    if (typeof value !== "object" || value === null) return value;
    const copy = Object.create(null) as Record<string, unknown>;
    for (const [key, inner] of Object.entries(value)) {
      if (foreign) copy[maskText(key)] = mask(inner, true);
      else copy[key] = structural.has(key) && typeof inner === "string" ? inner : mask(inner, key === "args");
    }
    return copy;
  };
  return Object.assign((value: unknown) => mask(value, false), {
    safeEnd: (text: string, end: number) => safeEndOfEscaped(asBytes, text, safeEnd(words, text, end)),
  }) as StreamMask;
}

/** Replaces every secret in the texts of a value. */
export type Mask = <Value>(value: Value) => Value;

/** The mask for values that are foreign as a whole: in an event some fields are known to be our own. */
export const maskOfForeign =
  (mask: Mask): Mask =>
  (value) =>
    mask({ args: value }).args;

/** The bytes without secrets, whether they are a text in UTF-8 or UTF-16, or have a secret among others. */
export function maskBytes(bytes: Uint8Array, mask: Mask): Uint8Array {
  let masked = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const encoding of ["latin1", "utf8", "utf16le"] as const) {
    const text = masked.toString(encoding);
    const without = mask(text);
    if (without !== text) masked = Buffer.from(without, encoding);
  }
  return masked;
}

/**
 * Texts that follow one another, cut anew where a secret lies on both sides of a cut: it is whole in one of them then, where a mask
 * finds it. What they say together is the same.
 */
export function cutBesideSecrets(texts: readonly string[], mask: StreamMask): string[] {
  const whole = texts.join("");
  if (mask(whole) === texts.map((text) => mask(text)).join("")) return [...texts];
  let [end, from] = [0, 0];
  return texts.map((text, index) => {
    end += text.length;
    const to = index === texts.length - 1 ? whole.length : Math.max(from, mask.safeEnd(whole, end));
    const cut = whole.slice(from, to);
    from = to;
    return cut;
  });
}

/** A mask for texts that are still coming, too. */
export type StreamMask = Mask & {
  /**
   * The last place up to `end` where a text that is still coming can be cut, so that no secret lies on both sides, nor may
   * what has come end within one.
   */
  safeEnd(text: string, end: number): number;
};

/** The text without secrets of which some characters are escaped, as in `%73ecret`. */
function withoutEscaped(words: readonly string[], text: string): string {
  const plain = unescaped(text);
  if (plain === null) return text;
  let masked = "";
  let from = 0;
  for (let at = 0; at < plain.bytes.length; at++) {
    const word = words.find((one) => plain.bytes.startsWith(one, at));
    if (word === undefined) continue;
    masked += `${text.slice(from, plain.places[at])}[secret]`;
    at += word.length - 1;
    from = plain.places[at + 1] as number;
  }
  return masked + text.slice(from);
}

/** How long, in characters, one character can be that was escaped as often as is undone. */
const longestEscape = 24;

/** The same as `safeEnd` for secrets of which some characters are escaped. */
function safeEndOfEscaped(words: readonly string[], text: string, end: number): number {
  const longest = Math.max(...words.map((word) => word.length)) * longestEscape;
  const start = Math.max(0, end - longest);
  const whole = text.length - unfinishedEscape(text);
  const plain = unescaped(text.slice(start, whole));
  if (plain === null) return whole < text.length ? Math.min(end, safeEnd(words, text.slice(0, whole), whole)) : end;
  // What is left of escapes of escapes may be the beginning of one as well.
  const { length } = plain.bytes;
  const bytes = plain.bytes.slice(0, length - unfinishedEscape(plain.bytes));
  const last = plain.places.findLastIndex((place, index) => index <= bytes.length && start + place <= end);
  const safe = safeEnd(words, bytes, last);
  return safe === length ? Math.min(end, whole) : start + (plain.places[safe] as number);
}

function safeEnd(words: readonly string[], text: string, end: number): number {
  let safe = end;
  for (let before = -1; before !== safe;) {
    before = safe;
    for (const word of words) {
      const first = word.charAt(0);
      for (
        let at = text.indexOf(first, Math.max(0, safe - word.length));
        at !== -1 && at < safe;
        at = text.indexOf(first, at + 1)
      ) {
        if (at + word.length > safe && word.startsWith(text.slice(at, at + word.length))) safe = at;
      }
    }
  }
  return safe;
}

/** Makes a function that tells whether one of these secrets is in a text, in any of its spellings; UTF-16 may have been read as UTF-8. */
export function secretFinder(secrets: readonly string[]): (text: string) => boolean {
  const words = [...new Set(secrets.flatMap((secret) => [...spellings(secret), [...secret].join("\0")]))];
  return (text) => words.some((word) => text.includes(word));
}
