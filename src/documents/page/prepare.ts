import type { Element, ParentNode } from "domhandler";
import { parseDocument } from "htmlparser2";
import { tellControls } from "./controls.js";
import { tellFormulas } from "./formulas.js";
import { markHidden } from "./mark-hidden.js";
import { elementsOf, setChildren, takeOut } from "./nodes.js";
import { openShadowRoots } from "./shadow-roots.js";

/**
 * Makes of a page's tree what a person sees of it. The order matters, since formulas are hidden often. `isRendered`: a
 * browser has already taken out what it hides, by all style sheets.
 */
export function preparePage(root: ParentNode, { isRendered = false } = {}): void {
  for (const element of elementsOf(root)) delete element.attribs["data-shown"];
  openInnerPages(root);
  openShadowRoots(root);
  tellFormulas(root);
  markHidden(root, { isRendered });
  leaveOutLineNumbers(root);
  tellControls(root);
}

/** A page within a page whose text stands in an attribute is read where it stands; one from elsewhere is a link. */
function openInnerPages(root: ParentNode): void {
  for (const frame of [...elementsOf(root)].filter(({ name }) => name === "iframe")) {
    const inner = frame.attribs["srcdoc"];
    if (inner === undefined) continue;
    frame.name = "div";
    setChildren(frame, parseDocument(inner).children);
  }
}

/** Numbers of lines that stand among those of code as elements of their own. */
function leaveOutLineNumbers(root: ParentNode): void {
  const numbers = [...elementsOf(root)].filter(
    ({ name, attribs, children }) =>
      /^(?:span|a|i|td)$/.test(name) &&
      /(?:^|\s)(?:lineno|linenos|line-?numbers?|ln-num|hljs-ln-n\w*|blob-num|gutter)(?:\s|$)/i.test(
        attribs["class"] ?? "",
      ) &&
      children.every((child) => child.type === "text" && /^[\s\d]*$/.test(child.data)) &&
      children.length > 0,
  );
  takeOut(new Set<Element>(numbers));
}
