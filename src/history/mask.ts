import type { Mask } from "./events.js";

/** The spellings in which a secret may turn up: as it is, in a URL, in base64. */
const spellings = (secret: string): string[] => {
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
  return [...new Set([secret, encodeURIComponent(secret), base64.length >= 12 ? base64 : secret])];
};

/** Makes a function that replaces these secrets in every text of a value, however deep, by `[secret]`. Keys stay. */
export function createMask(secrets: readonly string[]): Mask {
  const words = [...new Set(secrets)].flatMap(spellings).sort((a, b) => b.length - a.length);
  if (words.length === 0) return (value) => value;
  const maskText = (text: string): string => {
    let masked = text;
    for (const word of words) if (masked.includes(word)) masked = masked.replaceAll(word, "[secret]");
    return masked;
  };
  const mask = (value: unknown): unknown => {
    if (typeof value === "string") return maskText(value);
    if (Array.isArray(value)) return value.map(mask);
    if (typeof value !== "object" || value === null) return value;
    const copy = Object.create(null) as Record<string, unknown>;
    for (const [key, inner] of Object.entries(value)) copy[maskText(key)] = mask(inner);
    return copy;
  };
  return mask as Mask;
}
