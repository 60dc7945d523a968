import { isObject, parseJson } from "../../base/json.js";
import { wholeLines } from "../../storage/json-lines.js";

/** The steps in whose events this text stands, in any case. Lines that cannot hold it are not parsed. */
export async function searchRun(file: string, text: string): Promise<number[]> {
  const wanted = text.toLowerCase();
  const written = JSON.stringify(wanted).slice(1, -1);
  const found = new Set<number>();
  for await (const line of wholeLines(file)) {
    const whole = line.toString("utf8");
    if (!whole.toLowerCase().includes(written)) continue;
    const event = parseJson(whole);
    if (!isObject(event) || typeof event["step"] !== "number") continue;
    const { seq: _seq, time: _time, elapsedMs: _elapsed, sum: _sum, type: _type, ...said } = event;
    if (holds(said, wanted)) found.add(event["step"]);
  }
  return [...found].sort((one, other) => one - other);
}

/** Whether a text of it holds this; names of fields do not count. */
function holds(value: unknown, wanted: string): boolean {
  if (typeof value === "string") return value.toLowerCase().includes(wanted);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((one) => holds(one, wanted));
}
