import type { AnyNode, Element } from "domhandler";
import { wordList } from "../base/text.js";

const blocks = new Set(
  wordList(`
    address article aside blockquote br dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4
    h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead title tr ul
  `),
);
const paragraphs = new Set(wordList("article blockquote h1 h2 h3 h4 h5 h6 ol p pre section table ul"));
const silent = new Set(
  wordList(`
    audio button canvas embed head iframe input noscript object script select style svg template textarea video
  `),
);

/** `paragraphs`: a blank line around paragraphs and the like, and a dash before each item of a list; `lines`: neither. */
export type Layout = "paragraphs" | "lines";

/** What a person would read of a tree of nodes: blocks on lines of their own, nothing hidden. Works at any depth. */
export function blockText(roots: readonly AnyNode[], layout: Layout): string {
  let text = "";
  // A stack of nodes to be visited; a string on it is written as it is.
  const waiting: (AnyNode | string)[] = [...roots].reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === "string") text += next;
    else if (next.type === "text") text += next.data.replace(/\s+/g, " ");
    else if ("children" in next && !isHidden(next as Element)) {
      const { name } = next as Element;
      const around = breakAround(name, layout);
      text += around + (name === "li" && layout === "paragraphs" ? "- " : "");
      waiting.push(around);
      for (let child = next.children.length - 1; child >= 0; child--) waiting.push(next.children[child] as AnyNode);
    }
  }
  return text;
}

function breakAround(name: string | undefined, layout: Layout): string {
  if (name === "td" || name === "th") return " ";
  if (paragraphs.has(name ?? "") && layout === "paragraphs") return "\n\n";
  return blocks.has(name ?? "") ? "\n" : "";
}

function isHidden({ name, attribs }: Element): boolean {
  if (silent.has(name)) return true;
  if (attribs === undefined) return false;
  return "hidden" in attribs || /(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test(attribs["style"] ?? "");
}
