import { addressKey } from "../base/address.js";

/** What an address is compared with, in lower case: texts that others know already, and texts of the user's. */
export type Texts = { known: string; own: string };

/** So many letters and digits that nobody knows may stand in one address: a few words of a question. */
const mostUnknown = 60;
const longestWord = 16;
/** Mixed letters and digits of this length may be a version, a size or a year; longer ones may be a text in disguise. */
const longestMixed = 4;
const mostMixed = 8;
/** So many words that stand in the user's own texts, and nowhere else, may be looked up. */
const mostOwnWords = 2;
const shortestOwn = 4;

/**
 * What in an address may carry something out, in one word; null where nothing does. Words that others know are no news to
 * them; of all else there may be a few plain words and small numbers, and hardly any of the user's own texts.
 */
export function carriedBy(url: URL, { known, own }: Texts): string | null {
  const encoded = wordsOf(url).find((word) => isEncoded(word, own));
  if (encoded !== undefined) return encoded;
  const unknown = [...new Set(wordsOf(url).map((word) => word.toLowerCase()))].filter((word) => !known.includes(word));
  const mixed = unknown.filter((word) => /\p{N}/u.test(word) && !/^\p{N}{1,4}$/u.test(word));
  const disguised =
    unknown.find((word) => word.length > longestWord) ?? mixed.find((word) => word.length > longestMixed);
  if (disguised !== undefined) return disguised;
  const ofTheUser = unknown.filter((word) => word.length >= shortestOwn && holdsWord(own, word));
  const number = ofTheUser.find((word) => /\p{N}/u.test(word));
  if (number !== undefined) return number;
  if (ofTheUser.length > mostOwnWords) return ofTheUser.join(" ");
  if (mixed.join("").length > mostMixed) return mixed.join(" ");
  return unknown.join("").length > mostUnknown ? unknown.join(" ") : null;
}

/** The words of everything in an address that its server gets to know. */
const wordsOf = (url: URL): string[] =>
  decoded(addressKey(url))
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");

/** So much of the user's texts in another spelling does not stand there by chance, in bytes. */
const leastEncoded = 5;

/** Whether a word is base64 or hexadecimal digits of something in the user's texts. */
const isEncoded = (word: string, own: string): boolean =>
  (["base64", "hex"] as const).some((encoding) => {
    const text = Buffer.from(word, encoding).toString("latin1").toLowerCase();
    return text.length >= leastEncoded && own.includes(text);
  });

/** Percent signs may be written as percent signs. */
function decoded(text: string): string {
  let plain = text;
  for (let round = 0; round < 3; round += 1) {
    try {
      const next = decodeURIComponent(plain.replaceAll("+", " "));
      if (next === plain) break;
      plain = next;
    } catch {
      break;
    }
  }
  return plain;
}

const holdsWord = (text: string, word: string): boolean => {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const around = `${text[at - 1] ?? ""} ${text[at + word.length] ?? ""}`;
    if (!/[\p{L}\p{N}]/u.test(around)) return true;
  }
  return false;
};

/** A copy of so many characters is no question any more. */
const longestCopy = 80;
const longestToken = 24;

/** What in a question for a search engine may carry something out: a long copy of the user's texts, or a text in disguise; else null. */
export function carriedByQuestion(text: string, { known, own }: Texts): string | null {
  const question = text.toLowerCase().replace(/\s+/gu, " ");
  const token = question
    .split(/[^\p{L}\p{N}+/=_-]+/u)
    .find((word) => word.length > longestToken && !known.includes(word) && /\p{N}/u.test(word));
  if (token !== undefined) return token;
  const flat = own.replace(/\s+/gu, " ");
  for (let at = 0; at + longestCopy <= question.length; at += 1) {
    const piece = question.slice(at, at + longestCopy);
    if (flat.includes(piece) && !known.includes(piece)) return piece;
  }
  return null;
}

/** Addresses that are written into an address, as those are that it leads on to. */
export const addressesWithin = (url: URL): URL[] =>
  [...decoded(`${url.pathname}${url.search}${url.hash}`).matchAll(/(?:https?:)?\/\/[\p{L}\p{N}[\]][^\s&#"'<>]*/giu)]
    .map(([found]) => (found.startsWith("//") ? `http:${found}` : found))
    .filter((found) => URL.canParse(found))
    .map((found) => new URL(found))
    .filter(({ hostname }) => hostname.includes(".") || hostname === "localhost" || hostname.startsWith("["));
