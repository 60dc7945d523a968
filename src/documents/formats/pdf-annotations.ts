/** What pdf.js tells of a form field or a note on a page. */
export type Annotation = {
  subtype?: unknown;
  hidden?: unknown;
  fieldName?: unknown;
  alternativeText?: unknown;
  fieldValue?: unknown;
  buttonValue?: unknown;
  checkBox?: unknown;
  radioButton?: unknown;
  password?: unknown;
  contentsObj?: { str?: unknown };
};

/** Notes that are drawn as text on the page, and those that open when one points at them. */
const drawn = "FreeText";
const pointedAt = new Set([
  "Text",
  "Highlight",
  "Underline",
  "StrikeOut",
  "Squiggly",
  "Caret",
  "Stamp",
  "Ink",
  "Square",
  "Circle",
]);

/** A line for each form field that is filled in and each note, without what the page's own text says already. */
export function annotationLines(annotations: readonly Annotation[], text: string): string[] {
  const lines = annotations.filter(({ hidden }) => hidden !== true).map((one) => lineOf(one, text));
  return [...new Set(lines)].filter((line) => line !== "");
}

function lineOf(annotation: Annotation, text: string): string {
  const { subtype } = annotation;
  if (subtype === "Widget") return fieldLine(annotation, text);
  const note = plain(annotation.contentsObj?.str);
  if (note === "") return "";
  if (subtype === drawn) return text.includes(note) ? "" : note;
  return typeof subtype === "string" && pointedAt.has(subtype) ? `Note: ${note}` : "";
}

function fieldLine(field: Annotation, text: string): string {
  const { fieldValue, checkBox, radioButton, buttonValue } = field;
  if (field.password === true) return "";
  const name = plain(field.alternativeText) || lastName(plain(field.fieldName));
  if (checkBox === true) return `[${isOff(fieldValue) ? " " : "x"}] ${name}`;
  if (radioButton === true)
    return isOff(fieldValue) || fieldValue !== buttonValue ? "" : `${name}: ${plain(fieldValue)}`;
  const value = Array.isArray(fieldValue) ? fieldValue.map(plain).filter(Boolean).join(", ") : plain(fieldValue);
  return value === "" || text.includes(value) ? "" : `${name}: ${value}`;
}

const isOff = (value: unknown): boolean => value === undefined || value === null || value === "" || value === "Off";

/** A text of the PDF, whose lines may end with a carriage return alone. */
const plain = (value: unknown): string => (typeof value === "string" ? value.replace(/\r\n?/g, "\n").trim() : "");

/** `form1[0].page[0].Name[0]` is called Name. */
const lastName = (name: string): string => (name.split(".").pop() ?? "").replace(/\[\d+\]$/, "");
