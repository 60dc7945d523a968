import { isObject, parseJson } from "../../base/json.js";
import { wholeLines } from "../../storage/json-lines.js";
import { eventHolds } from "../holds.js";
import { statFile } from "./journal-tail.js";

/** The steps in whose events this text stands, in any case. Lines that cannot hold it are not parsed. */
export async function searchRun(file: string, text: string): Promise<number[]> {
  const wanted = text.toLowerCase();
  const written = JSON.stringify(wanted).slice(1, -1);
  const found = new Set<number>();
  await statFile(file);
  for await (const line of wholeLines(file)) {
    const whole = line.toString("utf8");
    if (!whole.toLowerCase().includes(written)) continue;
    const event = parseJson(whole);
    if (!isObject(event) || typeof event["step"] !== "number") continue;
    if (eventHolds(event, wanted)) found.add(event["step"]);
  }
  return [...found].sort((one, other) => one - other);
}
