/** C0 (tab and newline aside), DEL, C1, line separators, bidi controls, invisible characters and halves of a surrogate pair. */
const controls =
  "\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\u{e0000}-\\u{e007f}\\p{Cs}";

/** Joiners belong between emoji and between letters of some scripts, but not beside ASCII or at an edge. */
const straysOfJoiners = "(?<![^\\0-\\x7f])[\\u200c\\u200d]|[\\u200c\\u200d](?![^\\0-\\x7f])";

/** Flags such as Scotland's are spelled with the invisible characters that are escaped elsewhere. */
const flagOfRegion = "\\u{1f3f4}[\\u{e0030}-\\u{e007a}]{1,6}\\u{e007f}";

const unsafe = new RegExp(`[${controls}]|${straysOfJoiners}`, "u");
const pieces = new RegExp(`${flagOfRegion}|[${controls}]|${straysOfJoiners}|\\n`, "gu");

/**
 * Makes text safe to show: what would move the cursor, colour, reorder or hide text is spelled out, as in `\u001b`.
 * Text without any of it comes back as it is. "escape" spells newlines too, as `\n`, for what has to stay on one line.
 */
export function escapeControls(text: string, { newlines }: { newlines: "keep" | "escape" }): string {
  if (!unsafe.test(text) && (newlines === "keep" || !text.includes("\n"))) return text;
  return text.replace(pieces, (piece) => {
    if (piece === "\n") return newlines === "keep" ? piece : "\\n";
    return piece.startsWith("\u{1f3f4}") ? piece : spelled(piece);
  });
}

function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** The same for text of several lines, which may come from a stranger: a model, a server, a file, a memory. */
export const escapeText = (text: string): string => escapeControls(text, { newlines: "keep" });
