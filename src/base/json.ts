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
  return left === 0 || Object.values(value).some((inner) => isTooDeep(inner, left - 1));
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

/** The JSON of objects that were a part of what was sent, as long as these are there. */
const sent = new WeakMap<object, string>();

/**
 * The same for an object of which parts repeat from one call to the next: the JSON of each object among its values, and of each that is an
 * item of one of its lists, is made once. So none of these may be changed any more.
 */
export function repeatedJson(value: Readonly<Record<string, unknown>>): string {
  const pieces: string[] = [];
  for (const [name, one] of Object.entries(value)) {
    const before = `${pieces.length === 0 ? "{" : ","}${JSON.stringify(name)}:`;
    if (Array.isArray(one)) {
      pieces.push(before);
      one.forEach((item, index) => pieces.push(index === 0 ? "[" : ",", sentJson(item) ?? "null"));
      pieces.push(one.length === 0 ? "[]" : "]");
    } else {
      const json = sentJson(one);
      if (json !== undefined) pieces.push(before, json);
    }
  }
  // Put together once: it is as long as a whole context.
  return pieces.length === 0 ? "{}" : [...pieces, "}"].join("");
}

/** Undefined for what JSON does not know. */
function sentJson(value: unknown): string | undefined {
  if (!isObject(value)) return value === undefined ? undefined : wellFormedJson(value);
  const known = sent.get(value) ?? wellFormedJson(value);
  sent.set(value, known);
  return known;
}

/** JSON in which the keys of each object are sorted, so that values that are equal have the same text. */
export const stableJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1))) : part,
  );
