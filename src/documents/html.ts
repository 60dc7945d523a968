import type { Document, ParentNode } from "domhandler";
import { DomUtils, Parser } from "htmlparser2";
import { cleanLine } from "../base/text.js";
import { BoundedHandler } from "./bounded-handler.js";
import { preparePage } from "./page/prepare.js";
import { shownText } from "./page/shown-text.js";

/** The parser's time grows with the square of the depth: far above what any page has, it would stand still. */
const deepest = 30_000;

/** `title`: what the page calls itself, on one line of at most 300 characters; "" where it says nothing. */
export type HtmlTree = { root: Document; title: string };

/** HTML as a tree of nodes. Throws DocumentError for a page that is nested deeper than 30,000 elements. */
export function parseHtml(html: string): HtmlTree {
  const handler = new PageHandler(deepest);
  new Parser(handler).end(html);
  const { root, titleNode } = handler;
  return { root, title: titleNode === undefined ? "" : cleanLine(DomUtils.textContent(titleNode), 300) };
}

class PageHandler extends BoundedHandler {
  titleNode: ParentNode | undefined;

  override onopentag(name: string, attributes: Record<string, string>): void {
    super.onopentag(name, attributes);
    if (name === "title") this.titleNode ??= this.tagStack.at(-1);
  }
}

/** All of the text that a page shows: its title, then a line for each block. Throws as `parseHtml` does. */
export function textOfHtml(html: string): string {
  const { root, title } = parseHtml(html);
  preparePage(root);
  return [title, shownText([root], "lines")].filter((part) => part !== "").join("\n");
}
