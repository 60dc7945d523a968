import { isTag, type AnyNode, type Document, type Element } from "domhandler";
import { Parser } from "htmlparser2";
import { BoundedHandler } from "../bounded-handler.js";

export type { AnyNode, Element } from "domhandler";

/** Far above what any document has. */
const deepest = 2000;

/**
 * XML as a tree of nodes, names with their prefixes. Entities that a document declares for itself are not expanded.
 * Throws DocumentError for elements that are nested deeper than 2,000.
 */
export function parseXml(xml: string): Document {
  const handler = new BoundedHandler(deepest);
  new Parser(handler, { xmlMode: true, decodeEntities: true }).end(xml);
  return handler.root;
}

/** The name without its prefix: files may choose their prefixes freely. */
export const localName = (node: Element): string => node.name.slice(node.name.indexOf(":") + 1);

/** An attribute by its name without a prefix; undefined where there is none. */
export const attribute = (node: Element, name: string): string | undefined =>
  node.attribs[name] ?? Object.entries(node.attribs).find(([key]) => key.endsWith(`:${name}`))?.[1];

/** The elements directly below. */
export const childrenOf = (node: AnyNode): Element[] => ("children" in node ? node.children.filter(isTag) : []);

/** The elements of these local names below a node, in the order of the document, not within one another. */
export function elementsNamed(root: AnyNode, ...names: readonly string[]): Element[] {
  return childrenOf(root).flatMap((child) =>
    names.includes(localName(child)) ? [child] : elementsNamed(child, ...names),
  );
}

/** All character data below a node. */
export function characters(node: AnyNode): string {
  if (node.type === "text") return node.data;
  return "children" in node ? node.children.map(characters).join("") : "";
}

/** Text as it stands in HTML. */
export const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** HTML under a label of its own; "" where it holds no text. */
export const labelled = (label: string, html: string): string =>
  html.replace(/<[^>]*>/g, "").trim() === "" ? "" : `<p>${label}:</p>${html}`;
