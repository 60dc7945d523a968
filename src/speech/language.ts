/** Languages that a text shows by its letters alone. */
export type Language =
  "ar" | "bn" | "el" | "fa" | "he" | "hi" | "hy" | "ja" | "ka" | "ko" | "ru" | "ta" | "te" | "th" | "uk" | "zh";

const scripts = (): readonly (readonly [script: RegExp, language: (text: string) => Language])[] => [
  [/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu, (text) => (isJapanese(text) ? "ja" : "zh")],
  [/\p{Script=Hangul}/gu, () => "ko"],
  [/\p{Script=Cyrillic}/gu, (text) => (/[іїєґ]/i.test(text) ? "uk" : "ru")],
  [/\p{Script=Hebrew}/gu, () => "he"],
  [/\p{Script=Arabic}/gu, (text) => (/[پچژگ]/.test(text) ? "fa" : "ar")],
  [/\p{Script=Greek}/gu, () => "el"],
  [/\p{Script=Devanagari}/gu, () => "hi"],
  [/\p{Script=Bengali}/gu, () => "bn"],
  [/\p{Script=Tamil}/gu, () => "ta"],
  [/\p{Script=Telugu}/gu, () => "te"],
  [/\p{Script=Thai}/gu, () => "th"],
  [/\p{Script=Georgian}/gu, () => "ka"],
  [/\p{Script=Armenian}/gu, () => "hy"],
];

/** How many letters a Chinese character is worth beside those of an alphabet. */
const lettersInOne = 3;

const count = (text: string, letters: RegExp): number => text.match(letters)?.length ?? 0;

/** Japanese cannot be written without kana; Chinese may quote a few. */
const isJapanese = (text: string): boolean =>
  count(text, /[\p{Script=Hiragana}\p{Script=Katakana}]/gu) * 10 > count(text, /\p{Script=Han}/gu);

/**
 * The language that most of a text is in, as far as its letters tell: null for those of the Latin alphabet, which are
 * read by the usual voice.
 */
export function languageOf(text: string): Language | null {
  let most = count(text, /\p{Script=Latin}/gu);
  let found: Language | null = null;
  for (const [index, [letters, language]] of scripts().entries()) {
    const weight = count(text, letters) * (index < 2 ? lettersInOne : 1);
    if (weight > most) [most, found] = [weight, language(text)];
  }
  return found;
}
