/** The value of a JSON text; undefined, which JSON does not know, where the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether a value is what JSON calls an object: neither null nor an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** So many objects and lists may lie within one another in what somebody else has written: not many more can be walked through. */
export const deepest = 100;

/** Whether objects and lists are nested deeper than that. */
export function isTooDeep(value: unknown, left: number = deepest): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (left === 0) return true;
  const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (const one of inner) if (typeof one === "object" && isTooDeep(one, left - 1)) return true;
  return false;
}

/** The same value with each of its texts, however deep, as `change` makes it; names of fields and bytes stay. */
export function mapTexts<Value>(value: Value, change: (text: string) => string): Value {
  const mapped = (one: unknown): unknown => {
    if (typeof one === "string") return change(one);
    if (Array.isArray(one)) return one.map(mapped);
    if (!isObject(one) || ArrayBuffer.isView(one)) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, mapped(inner)]));
  };
  return mapped(value) as Value;
}

/** JSON for a service. Half a surrogate pair in a text becomes U+FFFD: strict parsers refuse the whole body for one. */
export function wellFormedJson(value: unknown): string {
  const text = JSON.stringify(value);
  // To look at each value costs many times what the text does, and a half pair is written as an escape, which is seldom there.
  if (!/\\ud[89a-f]/.test(text)) return text;
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === "string" ? one.toWellFormed() : one));
}

/** JSON in which the keys of each object are sorted, so that values that are equal have the same text. */
export const stableJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1))) : part,
  );
