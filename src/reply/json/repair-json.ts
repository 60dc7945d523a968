import { jsonrepair } from "jsonrepair";
import { placeholder, type Scan } from "./scan-object.js";
import { parseJson } from "../../base/json.js";

/** jsonrepair takes time by the square of what it repairs; an outline without its texts is never this long in earnest. */
const longestRepair = 20_000;

/** JSON, and what it says. */
type Repaired = { json: string; value: unknown };

/**
 * Strict JSON for a scanned object, or null. jsonrepair works on the outline alone, never on the texts, and may add and
 * remove commas and colons; a result in which it has changed, invented or dropped anything else is refused.
 */
export function repairJson({ outline, texts }: Pick<Scan, "outline" | "texts">): Repaired | null {
  let place = 0;
  const json = outline.replaceAll(placeholder, () => JSON.stringify(texts[place++]));
  const value = parseJson(json);
  if (value !== undefined) return { json, value };
  const repaired = repairOutline(outline);
  if (repaired === null) return null;
  const filled = repaired.replace(/"t(\d+)"/g, (_, index: string) => JSON.stringify(texts[Number(index)]));
  return { json: filled, value: parseJson(filled) };
}

/** The outline as JSON, with each text under a number of its own, so that none can be taken for another one. */
function repairOutline(outline: string): string | null {
  if (outline.length > longestRepair) return null;
  let place = 0;
  const numbered = outline.replaceAll(placeholder, () => `"t${place++}"`);
  if (numbered.length > longestRepair) return null;
  const repaired = tryRepair(numbered);
  return repaired !== null && tokensOf(repaired) === tokensOf(numbered) ? repaired : null;
}

function tryRepair(outline: string): string | null {
  try {
    return jsonrepair(outline);
  } catch {
    return null;
  }
}

/** Everything but commas, colons and white space, in order. */
const tokensOf = (outline: string): string => (outline.match(/[{}[\]]|[^\s,:{}[\]]+/g) ?? []).join(" ");
