import { isObject, parseJson } from "../../../base/json.js";
import { createMask, maskBytes, maskOfForeign, type Mask } from "../../../base/mask.js";
import { partIn, storedPart } from "../../../cassette/encode.js";
import { lineWithSum } from "../../../storage/line-sum.js";

/** A file of lines without secrets that were not known when it was written; a last line that was cut short stays as it is. */
function maskedLines(bytes: Uint8Array, mask: (line: Record<string, unknown>) => object): Uint8Array {
  const lines = Buffer.from(bytes).toString("utf8").split("\n");
  return Buffer.from(lines.map((line) => maskedLine(line, mask)).join("\n"));
}

function maskedLine(text: string, mask: (line: Record<string, unknown>) => object): string {
  const line = parseJson(text);
  if (!isObject(line)) return text;
  const { sum, ...fields } = line;
  const masked = mask(fields);
  if (JSON.stringify(masked) === JSON.stringify(fields)) return text;
  return sum === undefined ? JSON.stringify(masked) : lineWithSum(masked);
}

/** No part of our own is larger. */
const mostPartBytes = 1 << 30;

/** Takes these secrets out of a journal: names of our own in it stay. */
export const maskedJournal = (bytes: Uint8Array, secrets: readonly string[]): Uint8Array =>
  maskedLines(bytes, createMask(secrets));

/** Takes them out of paths and links in a record of changes. */
export const maskedChanges = (bytes: Uint8Array, secrets: readonly string[]): Uint8Array => {
  const mask = createMask(secrets);
  return maskedLines(bytes, (line) => ({ ...maskOfForeign(mask)(line), type: line["type"] }));
};

/** Takes them out of a cassette, compressed parts and bytes included. */
export function maskedCassette(bytes: Uint8Array, secrets: readonly string[]): Uint8Array {
  const mask = createMask(secrets);
  return maskedLines(bytes, (line) => {
    const { deflated, ...fields } = line;
    const masked = { ...maskedValue(fields, mask), type: line["type"] };
    if (typeof deflated !== "string") return masked;
    const { value } = partIn({ deflated }, mostPartBytes);
    const without = maskedValue(value, mask);
    return JSON.stringify(without) === JSON.stringify(value)
      ? { ...masked, deflated }
      : { ...masked, ...storedPart(JSON.stringify(without)) };
  });
}

/** A value of a cassette's line, as it is encoded there. */
function maskedValue<Value>(value: Value, mask: Mask): Value {
  const masked = (one: unknown): unknown => {
    if (typeof one === "string") return mask(one);
    if (Array.isArray(one)) return one.map(masked);
    if (!isObject(one)) return one;
    const { $bytes: base64 } = one;
    if (typeof base64 === "string" && Object.keys(one).length === 1)
      return { $bytes: Buffer.from(maskBytes(Buffer.from(base64, "base64"), mask)).toString("base64") };
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [mask(key), masked(inner)]));
  };
  return masked(value) as Value;
}
