import { isAscii } from "./text.js";

/**
 * C0 (tab and newline aside), DEL, C1, line separators, bidi controls, what is invisible, halves of a surrogate pair, spaces but the plain
 * one, and signs that are as blank as a space.
 */
const controls =
  "\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ufff9-\\ufffb\\p{Bidi_Control}\\p{Default_Ignorable_Code_Point}\\p{Cs}" +
  "[\\p{Zs}--\\x20]\\u2800\\u{1d159}";

/** The letters and emoji that joiners belong between: not those of scripts in which they would only hide. */
const joined =
  "[[\\p{L}\\p{M}\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f]--[\\p{sc=Latin}\\p{sc=Greek}\\p{sc=Cyrillic}\\p{sc=Han}]]";

/** Spaces as people type them: between the signs of East Asia, within "10 km", "z. B." and "« oui ! ». Elsewhere they pass for plain ones. */
const eastAsian =
  "[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}\\p{sc=Bopomofo}\\u3001-\\u303f\\uff01-\\uff9f]";
const unbroken = "[\\xa0\\u2002-\\u200a\\u202f]";
const keptSpaces = [
  `(?<=^|\\n|\\u3000|${eastAsian})\\u3000(?=\\u3000{0,8}${eastAsian})`,
  `(?<=[\\p{Nd}.«‹–—])${unbroken}(?=[\\p{Nd}\\p{L}%‰°€])`,
  `${unbroken}(?=[!?:;»›%‰–—€])`,
].join("|");

/**
 * What is invisible and belongs to the text all the same: one joiner between such letters or emoji, the mark behind a character
 * that has a form as an emoji, and flags such as Scotland's, which are spelled with invisible characters.
 */
const kept = `(?<=${joined})[\\u200c\\u200d](?=${joined})|(?<=\\p{Emoji})[\\ufe0e\\ufe0f]|\\u{1f3f4}[\\u{e0030}-\\u{e007a}]{1,6}\\u{e007f}|${keptSpaces}`;

/** What is unsafe in ASCII: V8 takes a hundred times as long to prepare for all letters. */
const unsafeAscii = /[\0-\x08\x0b-\x1f\x7f]/;
let unsafe: RegExp | undefined;
let pieces: RegExp | undefined;
const isUnsafe = (text: string): boolean =>
  isAscii(text) ? unsafeAscii.test(text) : (unsafe ??= new RegExp(`[${controls}]`, "v")).test(text);

/**
 * Makes text safe to show: what would move the cursor, colour, reorder or hide text is spelled out, as in `\u001b`.
 * Text without any of it comes back as it is. "escape" spells newlines too, as `\n`, for what has to stay on one line.
 */
export function escapeControls(text: string, { newlines }: { newlines: "keep" | "escape" }): string {
  if (!isUnsafe(text) && (newlines === "keep" || !text.includes("\n"))) return text;
  pieces ??= new RegExp(`(?<kept>${kept})|[${controls}]|\\n`, "gv");
  return text.replace(pieces, (piece: string, kept: string | undefined) => {
    if (piece === "\n") return newlines === "keep" ? piece : "\\n";
    return kept ?? spelled(piece);
  });
}

function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** The same for text of several lines, which may come from a stranger: a model, a server, a file, a memory. */
export const escapeText = (text: string): string => escapeControls(text, { newlines: "keep" });

/** The same for text that has to stay on one line, such as a file's name. */
export const escapeLine = (text: string): string => escapeControls(text, { newlines: "escape" });
