import { DomUtils } from "htmlparser2";
import { messageOf } from "../../errors.js";
import { DocumentError } from "../document-error.js";
import { textOfHtml } from "../html.js";
import { pack, pathsOf, setTextFile, textFile, unpack, type Archive } from "./archive.js";
import { chartText } from "./drawing.js";
import { formulaText } from "./formula.js";
import { relationsOf } from "./relations.js";
import { characters, childrenOf, elementsNamed, escapeHtml, localName, parseXml, type Element } from "./xml.js";

const mainParts = /^word\/document\d*\.xml$/;
const styles = ["br[type='page'] => hr", "br[type='column'] => hr", "comment-reference => sup"];

/** The text of a Word document: tables, notes, comments, formulas and charts with it. Throws DocumentError. */
export async function textOfDocx(bytes: Uint8Array): Promise<string> {
  const { default: mammoth } = await import("mammoth");
  const archive = unpack(bytes, (path) => /\.(?:xml|rels)$/i.test(path));
  for (const path of pathsOf(archive, /^word\/(?:document|footnotes|endnotes|comments)\d*\.xml$/))
    setTextFile(archive, path, readable(textFile(archive, path)));
  try {
    const withoutPictures = mammoth.images.imgElement(() => Promise.resolve({ src: "" }));
    const options = { styleMap: styles, convertImage: withoutPictures };
    const { value, messages } = await mammoth.convertToHtml({ buffer: pack(archive) }, options);
    const ignored = messages.flatMap(({ message }) => /element was ignored: ((?:w|m):\w+)/.exec(message)?.[1] ?? []);
    const text = textOfHtml(
      value.replaceAll(/<a href="#(?:foot|end)note-ref[^>]*>↑<\/a>|<a href="#comment-ref[^>]*>↑<\/a>/g, ""),
    );
    return [text, besides(archive, text), said([...new Set(ignored)])].filter((part) => part !== "").join("\n");
  } catch (thrown) {
    if (thrown instanceof DocumentError) throw thrown;
    throw new DocumentError("damaged", `It is not a readable Word document: ${messageOf(thrown)}`, { cause: thrown });
  }
}

const said = (ignored: readonly string[]): string =>
  ignored.length === 0 ? "" : `[Parts of this document could not be read: ${ignored.join(", ")}]`;

/** Charts, and of headers and footers what the text itself does not say. */
function besides(archive: Archive, text: string): string {
  const relations = pathsOf(archive, mainParts).flatMap((path) => relationsOf(archive, path));
  const charts = relations.filter(({ kind }) => kind === "chart").map(({ path }) => chartText(archive, path));
  const edges = relations.filter(({ kind }) => kind === "header" || kind === "footer");
  const lines = edges.flatMap(({ path }) => paragraphsOf(textFile(archive, path)));
  const unsaid = [...new Set(lines)].filter((line) => line !== "" && !text.includes(line));
  return [textOfHtml(charts.join("")), ...unsaid].filter((part) => part !== "").join("\n");
}

const paragraphsOf = (xml: string): string[] =>
  elementsNamed(parseXml(xml), "p").map((paragraph) => characters(paragraph).replace(/\s+/g, " ").trim());

/**
 * The XML with what the library drops put into a form that it reads (mammoth 1.13 passes over directions, simple
 * fields, ruby with its base, carriage returns, positioned tabs and formulas).
 */
function readable(xml: string): string {
  const root = parseXml(xml);
  for (const paragraph of elementsNamed(root, "p")) childrenOf(paragraph).forEach(makeReadable);
  return DomUtils.getOuterHTML(root, { xmlMode: true, selfClosingTags: true });
}

const dropped = new Set(["dir", "bdo", "fldSimple", "smartTag", "customXml"]);

function makeReadable(node: Element): void {
  const name = localName(node);
  const prefix = node.name.slice(0, node.name.indexOf(":") + 1);
  if (name === "oMath" || name === "oMathPara") return replace(node, runXml("w:", ` ${formulaText(node)} `));
  if (name === "ruby") return replace(node, rubyXml(node, prefix));
  if (name === "cr" || name === "ptab") return void (node.name = `${prefix}${name === "cr" ? "br" : "tab"}`);
  childrenOf(node).forEach(makeReadable);
  if (dropped.has(name)) {
    for (const child of [...node.children]) DomUtils.prepend(node, child);
    DomUtils.removeElement(node);
  }
}

function replace(node: Element, xml: string): void {
  const [first] = parseXml(xml).children;
  if (first !== undefined) DomUtils.replaceElement(node, first);
}

const runXml = (prefix: string, text: string): string =>
  `<${prefix}r><${prefix}t xml:space="preserve">${escapeHtml(text)}</${prefix}t></${prefix}r>`;

/** A word and how it is read, as it stands within a run. */
function rubyXml(node: Element, prefix: string): string {
  const textOf = (name: string): string => elementsNamed(node, name).map(characters).join("");
  return `<${prefix}t xml:space="preserve">${escapeHtml(`${textOf("rubyBase")}(${textOf("rt")})`)}</${prefix}t>`;
}
