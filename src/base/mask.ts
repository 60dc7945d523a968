/** Shorter pieces of base64 turn up by chance. */
const shortestBase64 = 12;

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

/** The spellings in which a secret may turn up: as it is, in JSON, in a URL, in base64. */
function spellings(secret: string): string[] {
  const url = encodeURIComponent(secret);
  const lowerUrl = url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [secret, JSON.stringify(secret).slice(1, -1), url, lowerUrl, ...inBase64(secret)];
}

/** How a secret looks inside base64, at each place it may have among the bytes around it. */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret);
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
  const maskText = (text: string): string => {
    let masked = text;
    for (const word of words) if (masked.includes(word)) masked = masked.replaceAll(word, "[secret]");
    return masked;
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
    safeEnd: (text: string, end: number) => safeEnd(words, text, end),
  }) as StreamMask;
}

/** Replaces every secret in the texts of a value. */
export type Mask = <Value>(value: Value) => Value;

/** A mask for texts that are still coming, too. */
export type StreamMask = Mask & {
  /**
   * The last place up to `end` where a text that is still coming can be cut, so that no secret lies on both sides, nor may
   * what has come end within one.
   */
  safeEnd(text: string, end: number): number;
};

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

/** Makes a function that tells whether one of these secrets is in a text, in any of its spellings. */
export function secretFinder(secrets: readonly string[]): (text: string) => boolean {
  const words = [...new Set(secrets.flatMap(spellings))];
  return (text) => words.some((word) => text.includes(word));
}
