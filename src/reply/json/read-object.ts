import { skipSpace } from "./closing-quote.js";
import { isObject } from "../../base/json.js";
import { problemOfRepeats } from "./repeated-key.js";
import { repairJson } from "./repair-json.js";
import { scanObject, type Scan } from "./scan-object.js";
import { readStrictObject } from "./strict-object.js";

export type JsonObject = Record<string, unknown>;

/** An object found in a reply. Where `problem` says that it cannot be used, `value` still holds what could be read. */
export type FoundObject = {
  value: JsonObject;
  end: number;
  /** The object's own keys, repeated ones included. */
  keys: string[];
  /** It was cut off behind its command. */
  cut: boolean;
  /** Closing brackets or more members come behind its end, so it may have been closed too early. */
  spare: boolean;
  problem: string | null;
};

/** The problem of a reply that ends too early. */
export const cutOff =
  "The reply ends before its command is complete, so nothing was run. Answer again, shorter, or in several steps.";

/** Reads the object that begins at `start`: as it stands where it is JSON, else repaired. Never throws. */
export function readObject(source: string, start: number): FoundObject {
  const exact = readStrictObject(source, start);
  if (exact !== null) {
    const problem = problemOfRepeats(source.slice(start, exact.end));
    return { ...exact, cut: false, spare: isSpare(source, exact.end), problem };
  }
  const scan = scanObject(source, start);
  const { end, keys } = scan;
  const repaired = repairJson(scan);
  const problem = problemOf(scan, repaired?.value, source) ?? problemOfRepeats(repaired?.json as string);
  const value = isObject(repaired?.value) ? repaired.value : {};
  return { value, end, keys, cut: scan.cut !== null, spare: isSpare(source, end), problem };
}

const isSpare = (source: string, end: number): boolean => {
  const rest = source.slice(skipSpace(source, end));
  return /^(?:[}\]]|,\s*["'“])/.test(rest.slice(0, 100));
};

function problemOf({ fault, cut }: Scan, repaired: unknown, source: string): string | null {
  if (fault) return `The reply is not valid JSON ${placeOf(source, fault.at)}: ${fault.what}.`;
  if (cut && !isBehindCommand(cut.open)) {
    return cutOff;
  }
  if (!isObject(repaired)) return "The reply is not valid JSON: commas, colons or brackets are missing or misplaced.";
  return null;
}

/** Where the source ended, no part of the command was open: at most thoughts, or the bracket that ends the command. */
function isBehindCommand([member, inCommand, ...deeper]: readonly (string | null)[]): boolean {
  if (member === undefined || member === null) return true;
  const key = member.trim().toLowerCase();
  if (key !== "command" && key !== "args" && key !== "arguments") return true;
  return key === "command" && inCommand === null && deeper.length === 0;
}

/** Line, column and the text there, for the model. */
function placeOf(source: string, at: number): string {
  const line = source.slice(0, at).split("\n").length;
  const column = at - source.lastIndexOf("\n", at - 1);
  return `at line ${line}, column ${column} (${JSON.stringify(source.slice(at, at + 30))})`;
}
