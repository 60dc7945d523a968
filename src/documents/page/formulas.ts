import type { ChildNode, Element, ParentNode } from "domhandler";
import { elementsOf, setText, takeOut, textWithin } from "./nodes.js";

/** What surrounds a formula in the forms of MathJax, KaTeX and Wikipedia: the same formula once or twice, drawn and told. */
const wrappers = /(?:^|\s)(?:katex|mwe-math-element|MathJax|MathJax_CHTML|MathJax_SVG|mjx-chtml|MJXc-display)(?:\s|$)/;
const scriptType = /^math\/tex\b/i;

/**
 * Puts in the place of each formula its text, once: its TeX where the page holds it, else MathML as a line (`b^2 − 4 a c`).
 * A formula is often drawn in one form and told in another, which is hidden; so this comes before hidden text is left out.
 */
export function tellFormulas(root: ParentNode): void {
  const gone = new Set<ChildNode>();
  for (const element of elementsOf(root)) {
    if (gone.has(element) || isWithin(element, gone)) continue;
    if (element.name === "script" && scriptType.test(element.attribs["type"] ?? "")) tellScript(element, gone);
    else if (isWrapper(element) && !followedByScript(element)) tellWrapper(element);
    else if (element.name === "math") tellMath(element, element);
  }
  takeOut(gone);
}

const isWrapper = ({ name, attribs }: Element): boolean =>
  name === "mjx-container" || wrappers.test(attribs["class"] ?? "");

const isWithin = (element: Element, gone: ReadonlySet<ChildNode>): boolean => {
  const parent = element.parent as Element | null;
  return parent !== null && gone.has(parent);
};

/** MathJax 2 keeps its source in a script behind what it drew. */
const followedByScript = ({ next }: Element): boolean =>
  (next as Element | null)?.name === "script" && scriptType.test((next as Element).attribs["type"] ?? "");

function tellScript(script: Element, gone: Set<ChildNode>): void {
  const isDisplay = /mode\s*=\s*display/i.test(script.attribs["type"] ?? "");
  for (let drawn = script.prev as Element | null; drawn?.attribs !== undefined; drawn = drawn.prev as Element | null) {
    if (!/MathJax|mjx/i.test(drawn.attribs["class"] ?? "")) break;
    gone.add(drawn);
  }
  tell(script, plainFormula(textWithin(script)), isDisplay);
}

function tellWrapper(wrapper: Element): void {
  let math: Element | undefined;
  let alt = "";
  for (const element of elementsOf(wrapper)) {
    if (element.name === "math") math ??= element;
    if (element.name === "img") alt ||= element.attribs["alt"] ?? "";
  }
  if (math !== undefined) tellMath(wrapper, math);
  else if (alt !== "") tell(wrapper, plainFormula(alt), false);
}

function tellMath(place: Element, math: Element): void {
  const isDisplay = math.attribs["display"] === "block" || place.attribs["display"] === "true";
  // A picture of the same formula stands beside it in some pages.
  const tex = texOf(math);
  tell(place, tex === "" ? linear(math).replace(/\s+/g, " ").trim() : plainFormula(tex), isDisplay);
}

/** As a line of its own where the page sets it apart. */
function tell(place: Element, text: string, isDisplay: boolean): void {
  place.attribs = isDisplay ? { "data-shown": "block" } : {};
  setText(place, text, "span");
}

function texOf(math: Element): string {
  for (const element of elementsOf(math)) {
    if (element.name === "annotation" && /tex/i.test(element.attribs["encoding"] ?? ""))
      return textWithin(element).trim();
  }
  return math.attribs["alttext"]?.trim() ?? "";
}

/** TeX without what Wikipedia wraps around each formula, which changes nothing of what it says. */
export const plainFormula = (tex: string): string => {
  const inner = /^\{\\(?:display|text)style\s+([\s\S]*)\}$/.exec(tex.trim())?.[1];
  return (inner ?? tex).trim();
};

/** The deepest formula that is told with its structure. */
const deepest = 60;

/** MathML as one line: tokens with spaces between, `^` and `_` for what is raised and lowered, fractions in brackets. */
function linear(node: ChildNode, depth = 0): string {
  if (node.type === "text") return node.data.trim();
  if (!("children" in node)) return "";
  const element = node as Element;
  if (depth > deepest) return textWithin(element);
  if (/^(?:annotation|annotation-xml|mphantom|mspace|none|mprescripts)$/.test(element.name)) return "";
  const parts = element.children.map((child) => linear(child, depth + 1)).filter((part) => part !== "");
  const [first = "", second = "", third = ""] = parts;
  switch (element.name) {
    case "msup":
    case "mover":
      return `${grouped(first)}^${grouped(second)}`;
    case "msub":
    case "munder":
      return `${grouped(first)}_${grouped(second)}`;
    case "msubsup":
    case "munderover":
      return `${grouped(first)}_${grouped(second)}^${grouped(third)}`;
    case "mfrac":
      return `${grouped(first)}/${grouped(second)}`;
    case "msqrt":
      return `√(${parts.join(" ")})`;
    case "mroot":
      return `${grouped(second)}√(${first})`;
    case "mtr":
      return `${parts.join(" ")};`;
    case "mi":
    case "mn":
    case "mo":
    case "mtext":
      return parts.join("");
    default:
      return parts.join(" ");
  }
}

const grouped = (part: string): string => (/\s/.test(part) ? `(${part})` : part);
