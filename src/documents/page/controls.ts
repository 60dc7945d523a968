import type { Element, ParentNode } from "domhandler";
import { cleanLine } from "../../base/text.js";
import { elementsOf, setText, textWithin } from "./nodes.js";

/** How many options of a list are told; of a longer one, such as that of all countries, only what is chosen. */
const mostOptions = 30;

/**
 * Puts what a person sees of a form's controls in their place: values, options, which of them are chosen, and what stands on
 * buttons. Passwords and hidden fields are not told. Buttons and empty fields stay what they are, so that they are no
 * part of an article; values become its text.
 */
export function tellControls(root: ParentNode): void {
  for (const element of elementsOf(root)) {
    if (element.name === "input") tellInput(element);
    else if (element.name === "select") setText(element, optionsText(element), "span");
    else if (element.name === "textarea") tellField(element);
    else if (element.name === "button") {
      // A button over code, such as one that copies it, is no line of it.
      const label = isInCode(element) ? "" : cleanLine(textWithin(element, 300), 200);
      setText(element, label === "" ? "" : ` [${label}] `);
    }
  }
}

function isInCode(element: Element): boolean {
  let up = element.parent as Element | null;
  for (let steps = 0; steps < 8 && up !== null; steps++, up = up.parent as Element | null) {
    if (up.name === "pre") return true;
  }
  return false;
}

function tellField(field: Element): void {
  const text = textWithin(field, 1_000_000);
  if (text.trim() === "") setText(field, bracketed(field.attribs["placeholder"]));
  // What the page's writer typed into it, with its lines.
  else setText(field, text, "pre");
}

function tellInput(input: Element): void {
  const { attribs } = input;
  const type = (attribs["type"] ?? "text").toLowerCase();
  const isChosen = "checked" in attribs;
  if (type === "checkbox") setText(input, isChosen ? " [x] " : " [ ] ", "span");
  else if (type === "radio") setText(input, isChosen ? " (x) " : " ( ) ", "span");
  else if (type === "submit" || type === "reset" || type === "button")
    setText(input, bracketed(attribs["value"] ?? type));
  else if (type === "image") setText(input, bracketed(attribs["alt"]));
  else if (/^(?:hidden|password|file|color)$/.test(type)) setText(input, "");
  else if ((attribs["value"] ?? "").trim() !== "") setText(input, bracketed(attribs["value"]), "span");
  else setText(input, bracketed(attribs["placeholder"]));
}

const bracketed = (text = ""): string => {
  const line = cleanLine(text, 300);
  return line === "" ? "" : ` [${line}] `;
};

function optionsText(select: Element): string {
  const options = [...elementsOf(select)].filter(
    ({ name, attribs }) => name === "option" && attribs["data-shown"] !== "no",
  );
  const chosen = options.some(({ attribs }) => "selected" in attribs);
  const told = options.map((option, at) => {
    const label = cleanLine(option.attribs["label"] ?? textWithin(option, 300), 100);
    // The first one is chosen where no other is, unless several can be.
    const isChosen = "selected" in option.attribs || (!chosen && at === 0 && !("multiple" in select.attribs));
    return { label, isChosen };
  });
  const shown = told.length <= mostOptions ? told : told.filter(({ isChosen }) => isChosen);
  const list = shown
    .filter(({ label }) => label !== "")
    .map(({ label, isChosen }) => (isChosen && told.length > 1 ? `${label} (selected)` : label));
  const rest = told.length > shown.length ? `, … of ${told.length} options` : "";
  return list.length === 0 ? "" : ` [${list.join(", ")}${rest}] `;
}
