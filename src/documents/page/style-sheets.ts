import type { Element, ParentNode } from "domhandler";
import { compile } from "css-select";
import { hidesAll, isTiny, parseDeclarations, type Declaration, type Declarations } from "./declarations.js";
import { elementsOf, textWithin } from "./nodes.js";

type Rule = { matches: (element: Element) => boolean; specificity: number; declarations: Declaration[] };

/** Bounds of what is looked through: rules, and elements times rules. */
const mostRules = 3_000;
const mostTests = 5_000_000;

/**
 * What the style elements of a page say of its elements, for those that a rule may hide or lay out: all declarations that
 * win there. Rules for paper, other widths and states such as hovering are left out.
 */
export function readStyleSheets(root: ParentNode): ReadonlyMap<Element, Declaration[]> {
  const elements = [...elementsOf(root)];
  const rules = elements
    .filter(({ name, attribs }) => name === "style" && /^(?:|all|screen)$/i.test((attribs["media"] ?? "").trim()))
    .flatMap((element) => parseRules(textWithin(element, 500_000)))
    .slice(0, mostRules);
  const telling = rules.filter(({ declarations }) => tells(asMap(declarations)));
  if (telling.length * elements.length > mostTests) return new Map();
  const found = elements.filter((element) => telling.some(({ matches }) => matches(element)));
  const isWhole = found.length * rules.length <= mostTests;
  return new Map(found.map((element) => [element, winning(element, isWhole ? rules : telling)]));
}

/** Whether a rule alone may keep text from being seen, or says how it is laid out. */
const tells = (style: Declarations): boolean =>
  hidesAll(new Map([...style, ["position", style.get("position") ?? "absolute"]])) ||
  isTiny(style) === true ||
  /hidden|collapse/.test(style.get("visibility") ?? "") ||
  /^(?:pre|break-spaces)/.test(style.get("white-space") ?? "") ||
  /flex|grid|^block|^inline/.test(style.get("display") ?? "") ||
  (style.has("color") && (style.has("background") || style.has("background-color"))) ||
  style.get("color") === "transparent";

export const asMap = (declarations: readonly Declaration[]): Declarations => {
  const ordered = [...declarations].sort((one, other) => Number(one.isImportant) - Number(other.isImportant));
  return new Map(ordered.map(({ name, value }) => [name, value]));
};

const winning = (element: Element, rules: readonly Rule[]): Declaration[] =>
  rules
    .filter(({ matches }) => matches(element))
    .sort((one, other) => one.specificity - other.specificity)
    .flatMap(({ declarations }) => declarations);

/** A test for elements; null for a selector that is not understood here. */
function compiled(selector: string): Rule["matches"] | null {
  try {
    return compile(selector) as Rule["matches"];
  } catch {
    return null;
  }
}

/** A block that is open: a rule's, or that of a condition; what is in one that does not hold is passed over. */
type Block = { selectors: string | null; holds: boolean; body: string };

/** Rules at the top and within conditions that hold on any screen, a selector each. */
function parseRules(css: string): Rule[] {
  const text = css.replace(/\/\*[\s\S]*?(?:\*\/|$)/g, " ").replace(/<!--|-->|<!\[CDATA\[|\]\]>/g, " ");
  const rules: Rule[] = [];
  const open: Block[] = [];
  // What stands before a block; a statement such as @import ends with a semicolon, and a selector does not.
  let prelude = "";
  for (const [, before = "", sign = ""] of text.matchAll(tokens)) {
    const inner = open.at(-1);
    if (sign === ";") {
      if (inner !== undefined && inner.selectors !== null) inner.body += `${before};`;
      else prelude = /^\s*@/.test(prelude + before) ? "" : `${prelude}${before};`;
    } else if (sign === "{") {
      const begun = (prelude + before).trim();
      const isGroup = begun.startsWith("@");
      // A rule within a rule has a selector that stands for its outer one, too.
      const isHeld = (inner?.holds ?? true) && (inner?.selectors ?? null) === null && (!isGroup || holds(begun));
      open.push({ selectors: isGroup ? null : begun, holds: isHeld, body: "" });
      prelude = "";
    } else {
      const block = open.pop();
      if (block !== undefined && block.selectors !== null && block.holds) {
        addRules(rules, block.selectors, block.body + before);
      }
      prelude = "";
    }
  }
  return rules;
}

/** Texts in quotes and brackets hold no signs of the grammar. */
const tokens = /((?:"[^"\n]*"|'[^'\n]*'|\([^()]*\)|[^{};])*)([{};])/g;

const holds = (prelude: string): boolean =>
  /^@(?:supports|layer|container)\b/i.test(prelude) || /^@media\s+(?:only\s+)?(?:all|screen)\s*$/i.test(prelude);

function addRules(rules: Rule[], selectors: string, body: string): void {
  const declarations = parseDeclarations(body);
  if (declarations.length === 0) return;
  for (const selector of selectors.split(/,(?![^([]*[)\]])/).map((one) => one.trim())) {
    // What is drawn before and after an element hides nothing of it, nor does what holds only for a moment.
    if (selector === "" || /::|:(?:before|after|hover|focus|active|target|first-l|selection)/i.test(selector)) continue;
    const matches = compiled(selector);
    if (matches !== null) rules.push({ matches, specificity: specificityOf(selector), declarations });
  }
}

const specificityOf = (selector: string): number => {
  const count = (pattern: RegExp): number => selector.match(pattern)?.length ?? 0;
  return (
    count(/#[\w-]+/g) * 10_000 + count(/\.[\w-]+|\[[^\]]*\]|:(?!:)[\w-]+/g) * 100 + count(/(?:^|[\s>+~])[a-z][\w-]*/gi)
  );
};
