import type { AnyNode, Element, ParentNode } from "domhandler";
import {
  areAlike,
  colour,
  hidesAll,
  isTiny,
  parseDeclarations,
  type Declaration,
  type Declarations,
} from "./declarations.js";
import { elementsOf, takeOut, textWithin } from "./nodes.js";
import { asMap, readStyleSheets } from "./style-sheets.js";

/** What an element takes over from those around it. */
type Inherited = {
  isInvisible: boolean;
  isTiny: boolean;
  colour: readonly number[] | "none" | null;
  background: readonly number[] | null;
};

/**
 * Marks in `data-shown` what nobody who looks at a page sees, as far as its attributes, style attributes and style elements
 * say ("no"), and what is laid out otherwise than its name says; texts by themselves are taken out. Dialogues and layers that
 * are not open are not seen. What is marked stays, since the main part of a page is found by how much there is around it.
 */
export function markHidden(root: ParentNode, { isRendered }: { isRendered: boolean }): void {
  const sheets = isRendered ? new Map<Element, Declaration[]>() : readStyleSheets(root);
  const gone = new Set<AnyNode>();
  const start: Inherited = { isInvisible: false, isTiny: false, colour: null, background: plainBackground(root) };
  const waiting: (readonly [AnyNode, Inherited])[] = root.children.map((child) => [child, start]);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [node, around] = next;
    if (node.type === "text" && !isRendered && isUnseen(around)) gone.add(node);
    if (!("children" in node)) continue;
    if (!("attribs" in node)) {
      for (const pair of pairsOf(node, around)) waiting.push(pair);
      continue;
    }
    const { attribs } = node;
    const inline = parseDeclarations(attribs["style"] ?? "");
    const style = asMap([...(sheets.get(node) ?? []), ...inline]);
    // A page that hides all of itself shows it by a script.
    const isPage = /^(?:html|body|head)$/.test(node.name);
    if (!isPage && !isRendered && (isClosed(node) || hidesAll(style))) {
      attribs["data-shown"] = "no";
      continue;
    }
    markLayout(node, style);
    for (const pair of pairsOf(node, isPage ? around : inherited(around, style, attribs))) waiting.push(pair);
  }
  takeOut(gone);
}

const pairsOf = (node: ParentNode, around: Inherited): (readonly [AnyNode, Inherited])[] =>
  node.children.map((child) => [child, around]);

const isUnseen = ({ isInvisible, isTiny: tiny, colour: own, background }: Inherited): boolean =>
  isInvisible || tiny || own === "none" || (own !== null && background !== null && areAlike(own, background));

function isClosed({ name, attribs }: Element): boolean {
  if ("hidden" in attribs || (name === "dialog" && !("open" in attribs)) || "popover" in attribs) return true;
  const size = [attribs["width"], attribs["height"]].map((length) => (length === undefined ? 99 : Number(length)));
  return name === "iframe" && size.some((length) => length <= 1);
}

function inherited(around: Inherited, style: Declarations, attribs: Readonly<Record<string, string>>): Inherited {
  const visibility = style.get("visibility");
  const tiny = isTiny(style);
  const own = style.get("color") ?? attribs["color"]?.toLowerCase();
  const behind = style.get("background-color") ?? style.get("background") ?? attribs["bgcolor"]?.toLowerCase();
  // Text that is transparent over a background of its own shows that background's colours.
  const isFilled = own === "transparent" && behind !== undefined;
  return {
    isInvisible: visibility === undefined ? around.isInvisible : /hidden|collapse/.test(visibility),
    isTiny: tiny ?? around.isTiny,
    colour: own === undefined || own === "inherit" || isFilled ? (isFilled ? null : around.colour) : colour(own),
    background: backgroundOf(around.background, behind),
  };
}

function backgroundOf(around: readonly number[] | null, behind: string | undefined): readonly number[] | null {
  if (behind === undefined) return around;
  const own = colour(behind);
  return own === "none" || behind === "inherit" ? around : own;
}

/** White, where nothing in a page says anything of backgrounds; a sheet that is elsewhere may say so. */
function plainBackground(root: ParentNode): readonly number[] | null {
  for (const element of elementsOf(root)) {
    if (element.name === "link" && /stylesheet/i.test(element.attribs["rel"] ?? "")) return null;
    if (element.name === "style" && /background/i.test(textWithin(element, 500_000))) return null;
  }
  return [255, 255, 255];
}

/** Only what differs from an element's own way is marked, and what keeps white space. */
function markLayout(element: Element, style: Declarations): void {
  const space = style.get("white-space") ?? "";
  const display = style.get("display") ?? "";
  if (/^(?:pre|pre-wrap|break-spaces)$/.test(space)) keepSpace(element);
  else if (/^(?:inline-)?(?:flex|grid)$/.test(display)) partChildren(element);
  else if (/^(?:block|list-item|flow-root)$/.test(display)) element.attribs["data-shown"] = "block";
  else if (/^inline/.test(display)) element.attribs["data-shown"] = "inline";
}

/** Blocks become what they are, since other readers of the tree know nothing of marks. */
function keepSpace(element: Element): void {
  if (/^(?:div|p|section|figure|blockquote)$/.test(element.name)) element.name = "pre";
  else if (element.name !== "pre" && element.name !== "body") element.attribs["data-shown"] = "pre";
}

/** What lies in a row or a grid is seen apart, without a space between. */
function partChildren(element: Element): void {
  for (const child of element.children) {
    if ("attribs" in child) child.attribs["data-apart"] = "";
  }
}
