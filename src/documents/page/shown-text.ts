import type { AnyNode, Element } from "domhandler";
import { wordList } from "../../base/text.js";
import { imageText, type Images } from "./image-text.js";
import { itemMark } from "./list-marks.js";
import { isDataTable, openTable, type DataTable } from "./tables.js";
import { createCodeWriter, createTextWriter, type Layout, type TextWriter } from "./text-writer.js";

const blocks = new Set(
  wordList(`
    address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form frameset h1 h2
    h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p section summary table tbody tfoot thead
    title tr ul
  `),
);
const paragraphs = new Set(wordList("article blockquote dl h1 h2 h3 h4 h5 h6 menu ol p section table ul"));
const preformatted = new Set(wordList("pre listing plaintext xmp"));
const silent = new Set(
  wordList(`
    annotation area audio canvas datalist embed frame head iframe map math noframes noscript object rp script style svg
    template video
  `),
);
/** Elements that stand in a line, and two of which that touch are seen apart more often than not. */
const inline = new Set(wordList("a b button data em font i label small span strong time u"));

/** What walking on needs to know; each writer is that of a table's cell, a block of code, or an exponent. */
type Walk = {
  writers: TextWriter[];
  tables: DataTable[];
  lists: number;
  code: number;
  layout: Layout;
  images: Images;
};
type Step = AnyNode | (() => void);

/**
 * What a person would read of a tree of nodes that was prepared (`prepare.ts`): blocks on lines of their own, code as it
 * is, tables with their columns, lists with their numbers, exponents behind a ^. Works at any depth.
 */
export function shownText(roots: readonly AnyNode[], layout: Layout, images: Images = "all"): string {
  const walk: Walk = { writers: [createTextWriter(layout)], tables: [], lists: 0, code: 0, layout, images };
  const waiting: Step[] = [...roots].reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === "function") next();
    else if (next.type === "text") writer(walk).write(next.data);
    else if ("children" in next) {
      const leave = enter(walk, next as Element);
      if (leave === null) continue;
      waiting.push(leave);
      for (let child = next.children.length - 1; child >= 0; child--) waiting.push(next.children[child] as AnyNode);
    }
  }
  return writer(walk).text();
}

const writer = ({ writers }: Walk): TextWriter => writers[writers.length - 1] as TextWriter;

const nothing = (): void => undefined;

/** Begins an element; what is returned ends it, and null passes over it. */
function enter(walk: Walk, element: Element): (() => void) | null {
  const { name = "", attribs } = element;
  const out = writer(walk);
  if (attribs === undefined) return nothing;
  if (silent.has(name) || attribs["data-shown"] === "no") return null;
  if (name === "img") return enterImage(walk, element);
  if (name === "br") return (out.lineBreak(), null);
  if (preformatted.has(name) || attribs["data-shown"] === "pre") return enterCode(walk, element);
  if (name === "table" && isDataTable(element)) return enterTable(walk);
  if (name === "li") return enterItem(walk, element);
  if (name === "sup" || name === "sub") return enterRaised(walk, element);
  const table = walk.tables.at(-1);
  if (table !== undefined && /^(?:tr|t[dh]|caption)$/.test(name)) return enterPart(walk, table, element);
  if (name === "td" || name === "th") return (out.space(), () => out.space());
  if (name === "ol" || name === "ul" || name === "menu") return enterList(walk);
  return enterOther(walk, element);
}

function enterImage(walk: Walk, image: Element): null {
  const out = writer(walk);
  out.apart();
  out.write(imageText(image, walk.images));
  out.apart();
  return null;
}

function enterOther(walk: Walk, element: Element): () => void {
  const { name, attribs } = element;
  const out = writer(walk);
  const shown = attribs["data-shown"];
  if (shown !== "inline" && (blocks.has(name) || shown === "block")) {
    const apart = paragraphs.has(name);
    out.block(apart);
    return () => out.block(apart);
  }
  const marks = inlineMarks.get(name);
  if (marks !== undefined) {
    out.write(marks[0]);
    return () => out.write(marks[1]);
  }
  partFromNeighbour(walk, element);
  if (name !== "code" && name !== "kbd" && name !== "samp") return nothing;
  walk.code++;
  return () => void walk.code--;
}

/** What stands around an element's text: quotes, the strokes through what was struck out, a reading beside characters. */
const inlineMarks: ReadonlyMap<string, readonly [string, string]> = new Map([
  ["q", ["“", "”"]],
  ["del", ["~~", "~~"]],
  ["s", ["~~", "~~"]],
  ["strike", ["~~", "~~"]],
  ["rt", ["(", ")"]],
]);

function partFromNeighbour(walk: Walk, element: Element): void {
  const before = element.prev as Element | null;
  const out = writer(walk);
  if ("data-apart" in element.attribs) out.space();
  if (walk.code > 0 || before === null || !inline.has(before.name) || !inline.has(element.name)) return;
  if ((before.name === "a" || before.name === "button") && before.name === element.name) out.space();
  else out.apart();
}

/** Code, with its lines and spaces. The line break behind the opening tag is none of it (HTML 13.1.2.5). */
function enterCode(walk: Walk, element: Element): () => void {
  const outer = writer(walk);
  const isInline = element.name === "span" || element.name === "code";
  if (!isInline) outer.block(true);
  const own = createCodeWriter();
  walk.writers.push(own);
  return () => {
    walk.writers.pop();
    const text = own.text().replace(/\r\n?/g, "\n").replace(/^\n/, "");
    const end = text.length - (/(?:\n[^\S\n]*)+$/.exec(text.slice(-1000))?.[0].length ?? 0);
    const code = text.slice(0, end);
    if (isInline && !code.includes("\n")) outer.write(code);
    else if (code.trim() !== "") outer.line(code);
    if (!isInline) outer.block(true);
  };
}

function enterTable(walk: Walk): () => void {
  const out = writer(walk);
  const table = openTable();
  walk.tables.push(table);
  out.block(true);
  return () => {
    walk.tables.pop();
    for (const line of table.lines()) out.line(line);
    out.block(true);
  };
}

/** A row, a cell or the caption of a table. */
function enterPart(walk: Walk, table: DataTable, element: Element): () => void {
  if (element.name === "tr") return (table.row(element), nothing);
  const own = createTextWriter("lines");
  walk.writers.push(own);
  return () => {
    walk.writers.pop();
    table.cell(element, own.text());
  };
}

function enterList(walk: Walk): () => void {
  const out = writer(walk);
  // A list within a list follows its item at once.
  const apart = walk.lists === 0;
  walk.lists++;
  out.block(apart);
  return () => {
    walk.lists--;
    out.block(apart);
  };
}

function enterItem(walk: Walk, element: Element): () => void {
  const out = writer(walk);
  const mark = itemMark(element, walk.layout);
  out.block(false);
  if (mark !== "") out.mark(mark, walk.lists);
  return () => out.block(false);
}

/** Exponents and indices: `10^24`, `x_1`. Notes (`[1]`), ordinals (1st) and marks (™) need no sign before them. */
function enterRaised(walk: Walk, element: Element): () => void {
  const outer = writer(walk);
  const own = createTextWriter("lines");
  walk.writers.push(own);
  return () => {
    walk.writers.pop();
    const text = own.text().replaceAll("\n", " ");
    const isPlain =
      !/[\p{L}\p{N})\]}|'’]/u.test(outer.last()) ||
      !/[\p{L}\p{N}]/u.test(text) ||
      /^[[(].*[\])]$/.test(text) ||
      text.length > 40 ||
      /^(?:st|nd|rd|th|er|ers|re|res|e|es|ème|o|a|os|as|me|mes|lle|lles|tm|sm|mc|md)\.?$/i.test(text);
    if (isPlain) return outer.write(text);
    if (element.name === "sup" && isNote(element)) return outer.write(`[${text}]`);
    const sign = element.name === "sup" ? "^" : "_";
    outer.write(/^[-−+]?[\p{L}\p{N}.,′'*]+$/u.test(text) ? sign + text : `${sign}(${text})`);
  };
}

/** Whether a raised number leads to a note of the page. */
const isNote = (element: Element): boolean =>
  [element.parent as Element, ...(element.children as Element[])].some(
    (one) => one.name === "a" && (one.attribs["href"] ?? "").includes("#"),
  );
