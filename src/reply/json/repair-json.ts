import { jsonrepair } from "jsonrepair";
import type { Scan } from "./scan-object.js";
import { parseJson } from "../../base/json.js";

/** jsonrepair takes time by the square of what it repairs; an outline without its texts is never this long in earnest. */
const longestRepair = 20_000;

/**
 * Strict JSON for a scanned object, or null. jsonrepair works on the outline alone, never on the texts, and may add and
 * remove commas and colons; a result in which it has changed, invented or dropped anything else is refused.
 */
export function repairJson({ outline, texts }: Pick<Scan, "outline" | "texts">): string | null {
  const repaired = repairOutline(outline);
  if (repaired === null) return null;
  return repaired.replace(/"t(\d+)"/g, (_, index: string) => JSON.stringify(texts[Number(index)]));
}

function repairOutline(outline: string): string | null {
  if (parseJson(outline) !== undefined) return outline;
  if (outline.length > longestRepair) return null;
  const repaired = tryRepair(outline);
  return repaired !== null && tokensOf(repaired) === tokensOf(outline) ? repaired : null;
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
