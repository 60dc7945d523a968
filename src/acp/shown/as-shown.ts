import { escapeText } from "../../base/escape.js";

/**
 * A text as editors show it, which read it as Markdown. Pictures are named and not loaded: the address of one could carry what the model
 * has read to whoever wrote it. Of a piece of a text it is not known yet whether it has one.
 */
export function asShown(text: string, { isPiece }: { isPiece: boolean }): string {
  const safe = escapeText(text);
  const named = isPiece || /\][([:]/.test(safe) ? safe.replaceAll("![", "!\\[") : safe;
  return named.replace(/<(?=img\b)/gi, "&lt;");
}
