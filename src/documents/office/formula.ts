import { attribute, characters, childrenOf, elementsNamed, localName, type Element } from "./xml.js";

/** A formula of Office Math (ECMA-376, part 1, 22.1) on one line: `x^2`, `(a+b)/c`, `sqrt(x)`. */
export function formulaText(node: Element): string {
  const write = forms[localName(node)];
  return write === undefined ? inside(node) : write(node);
}

const inside = (node: Element): string => childrenOf(node).map(formulaText).join("");

/** The part of this name, whatever it holds; "" where there is none. */
function part(node: Element, name: string): string {
  const child = childrenOf(node).find((one) => localName(one) === name);
  return child === undefined ? "" : inside(child);
}

/** In brackets where it is more than one sign or word. */
const grouped = (text: string): string => (/^[\p{L}\p{N}.,]*$/u.test(text) ? text : `(${text})`);

/** What a property says, such as the sign of a sum. */
function property(node: Element, name: string, otherwise: string): string {
  const [found] = elementsNamed(node, name);
  return found === undefined ? otherwise : (attribute(found, "val") ?? otherwise);
}

const lower = (text: string): string => (text === "" ? "" : `_${grouped(text)}`);
const upper = (text: string): string => (text === "" ? "" : `^${grouped(text)}`);

const forms: Readonly<Record<string, (node: Element) => string>> = {
  t: characters,
  f: (node) => `${grouped(part(node, "num"))}/${grouped(part(node, "den"))}`,
  sSup: (node) => `${grouped(part(node, "e"))}${upper(part(node, "sup"))}`,
  sSub: (node) => `${grouped(part(node, "e"))}${lower(part(node, "sub"))}`,
  sSubSup: (node) => `${grouped(part(node, "e"))}${lower(part(node, "sub"))}${upper(part(node, "sup"))}`,
  sPre: (node) => `${lower(part(node, "sub"))}${upper(part(node, "sup"))} ${part(node, "e")}`,
  rad: (node) => {
    const degree = part(node, "deg");
    return degree === "" ? `sqrt(${part(node, "e")})` : `root(${degree}, ${part(node, "e")})`;
  },
  nary: (node) =>
    `${property(node, "chr", "∫")}${lower(part(node, "sub"))}${upper(part(node, "sup"))} ${part(node, "e")}`,
  d: (node) => {
    const items = childrenOf(node)
      .filter((child) => localName(child) === "e")
      .map(inside);
    return property(node, "begChr", "(") + items.join(property(node, "sepChr", "|")) + property(node, "endChr", ")");
  },
  func: (node) => `${part(node, "fName")} ${part(node, "e")}`,
  limLow: (node) => `${part(node, "e")}${lower(part(node, "lim"))}`,
  limUpp: (node) => `${part(node, "e")}${upper(part(node, "lim"))}`,
  m: (node) => {
    const rows = childrenOf(node).filter((child) => localName(child) === "mr");
    return `[${rows.map((row) => childrenOf(row).map(inside).join(", ")).join("; ")}]`;
  },
  eqArr: (node) =>
    childrenOf(node)
      .filter((child) => localName(child) === "e")
      .map(inside)
      .join("; "),
};
