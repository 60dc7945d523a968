import { textOfHtml } from "../html.js";
import { textFile, unpack, type Archive } from "./archive.js";
import {
  attribute,
  characters,
  elementsNamed,
  escapeHtml,
  labelled,
  localName,
  parseXml,
  type AnyNode,
  type Element,
} from "./xml.js";

/** How often a cell that says that it is repeated is written at most: empty ones may be repeated a million times. */
const mostRepeated = 64;

/** The text of an OpenDocument text or presentation (ODF 1.3, part 3): notes, comments, tables and formulas with it. */
export function textOfOpenDocument(bytes: Uint8Array): string {
  const archive = unpack(bytes, (path) => path.endsWith(".xml"));
  const [body] = elementsNamed(parseXml(textFile(archive, "content.xml")), "body");
  return body === undefined ? "" : textOfHtml(createWriter(archive).inside(body));
}

function createWriter(archive: Archive) {
  let slide = 0;
  const inside = (node: AnyNode): string => ("children" in node ? node.children.map(written).join("") : "");
  const around = (name: string, node: Element): string => `<${name}>${inside(node)}</${name}>`;

  /** Each element as HTML; what is not here is what stands in it. */
  const elements: Record<string, (node: Element) => string> = {
    h: (node) => around("h2", node),
    p: (node) => around("p", node),
    list: (node) => around("ul", node),
    "list-item": (node) => around("li", node),
    table: (node) => around("table", node),
    "table-row": (node) => around("tr", node),
    "table-cell": repeatedCell,
    "covered-table-cell": repeatedCell,
    page: (node) => `<h2>Slide ${(slide += 1)}</h2>${inside(node)}`,
    notes: (node) => labelled("Notes", inside(node)),
    annotation: (node) => ` [comment: ${escapeHtml(elementsNamed(node, "p").map(characters).join(" "))}] `,
    "note-citation": () => "",
    "note-body": (node) => ` [note: ${escapeHtml(characters(node))}] `,
    s: (node) => " ".repeat(timesOf(node, "c")),
    tab: () => " ",
    "line-break": () => "<br>",
    "soft-page-break": () => "",
    object: (node) => formulaText(archive, attribute(node, "href") ?? ""),
    "tracked-changes": () => "",
    forms: () => "",
    "sequence-decls": () => "",
    settings: () => "",
    "page-number": () => "",
    "ruby-text": (node) => ` (${escapeHtml(characters(node))}) `,
  };

  function repeatedCell(node: Element): string {
    return around("td", node).repeat(timesOf(node, "number-columns-repeated"));
  }

  function written(node: AnyNode): string {
    if (node.type === "text") return escapeHtml(node.data);
    if (!("attribs" in node)) return "";
    const write = elements[localName(node)];
    return write === undefined ? inside(node) : write(node);
  }

  return { inside };
}

const timesOf = (node: Element, name: string): number =>
  Math.min(mostRepeated, Number(attribute(node, name) ?? 1) || 1);

/** The formula in an object of its own, as it was typed in. */
function formulaText(archive: Archive, href: string): string {
  const content = textFile(archive, `${href.replace(/^\.\//, "")}/content.xml`);
  const [typed] = elementsNamed(parseXml(content), "annotation");
  return typed === undefined ? "" : ` ${escapeHtml(characters(typed).trim())} `;
}
