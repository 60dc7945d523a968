import type { Element } from "domhandler";
import type { Layout } from "./text-writer.js";

/** What stands before an item of a list: its number, as the list counts, or a dash where there are marks at all. */
export function itemMark(item: Element, layout: Layout): string {
  const list = item.parent as Element | null;
  if (list?.name !== "ol") return layout === "paragraphs" ? "- " : "";
  return `${numeral(numberOf(item, list), item.attribs["type"] ?? list.attribs["type"] ?? "1")}. `;
}

/** The numbers of lists that were counted, since counting again for each item would take the square of the time. */
const counted = new WeakMap<Element, Map<Element, number>>();

function numberOf(item: Element, list: Element): number {
  const known = counted.get(list) ?? countItems(list);
  counted.set(list, known);
  return known.get(item) ?? 1;
}

function countItems(list: Element): Map<Element, number> {
  const items = list.children.filter((child): child is Element => (child as Element).name === "li");
  const isReversed = "reversed" in list.attribs;
  let next = whole(list.attribs["start"]) ?? (isReversed ? items.length : 1);
  return new Map(
    items.map((item) => {
      const number = whole(item.attribs["value"]) ?? next;
      next = number + (isReversed ? -1 : 1);
      return [item, number] as const;
    }),
  );
}

const whole = (text: string | undefined): number | undefined =>
  /^\s*[+-]?\d{1,9}\s*$/.test(text ?? "") ? Number(text) : undefined;

function numeral(number: number, type: string): string {
  const small = type === "A" ? letters(number) : type.toLowerCase() === "i" ? roman(number) : letters(number);
  if (!/^[aAiI]$/.test(type) || small === "") return String(number);
  return type === type.toUpperCase() ? small.toUpperCase() : small;
}

function letters(number: number): string {
  let text = "";
  for (let rest = number; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    text = String.fromCharCode(97 + ((rest - 1) % 26)) + text;
  }
  return text;
}

const romanDigits: readonly (readonly [number, string])[] = [
  [1000, "m"],
  [900, "cm"],
  [500, "d"],
  [400, "cd"],
  [100, "c"],
  [90, "xc"],
  [50, "l"],
  [40, "xl"],
  [10, "x"],
  [9, "ix"],
  [5, "v"],
  [4, "iv"],
  [1, "i"],
];

function roman(number: number): string {
  if (number < 1 || number > 3999) return "";
  let rest = number;
  let text = "";
  for (const [value, digit] of romanDigits) {
    text += digit.repeat(Math.floor(rest / value));
    rest %= value;
  }
  return text;
}
