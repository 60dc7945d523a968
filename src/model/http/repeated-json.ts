import { isObject, wellFormedJson } from "../../base/json.js";

/** A list as it was sent last: its items, and in all that was sent with it the place where each one's JSON ends. */
type SentList = { items: readonly unknown[]; start: number; ends: number[]; within: Uint8Array };

/**
 * Makes a function that gives the JSON of an object in UTF-8, as `wellFormedJson` has it, for objects of which parts repeat from one call to
 * the next. The JSON of an object among its values is made once; that of a list's items is taken from where it was sent last, by the bytes
 * of all items in a row that stand where they stood in the last list with the same first item. So none of these may be changed any more.
 */
export function createRepeatedJson(): (value: Readonly<Record<string, unknown>>) => Uint8Array {
  const objects = new WeakMap<object, string>();
  const lists = new WeakMap<object, SentList>();
  let usual = 0;
  const jsonOf = (value: unknown): string | undefined => {
    if (!isObject(value)) return value === undefined ? undefined : wellFormedJson(value);
    const json = objects.get(value) ?? wellFormedJson(value);
    objects.set(value, json);
    return json;
  };
  return (value) => {
    const out = openBytes(usual);
    const written: { first: object; places: Omit<SentList, "within"> }[] = [];
    for (const [name, one] of Object.entries(value)) {
      const first: unknown = Array.isArray(one) ? one[0] : undefined;
      const json = isObject(first) ? undefined : jsonOf(one);
      if (json === undefined && first === undefined) continue;
      out.text(`${out.length() === 0 ? "{" : ","}${JSON.stringify(name)}:${json ?? "["}`);
      if (json !== undefined || !isObject(first)) continue;
      const items = one as unknown[];
      written.push({ first, places: { items, ...writeItems(out, items, lists.get(first)) } });
      out.text("]");
    }
    out.text(out.length() === 0 ? "{}" : "}");
    const within = out.bytes();
    usual = within.length;
    for (const { first, places } of written) lists.set(first, { ...places, within });
    return within;
  };
}

/** Writes the items of a list with commas between them. */
function writeItems(
  out: Bytes,
  items: readonly unknown[],
  before: SentList | undefined,
): Pick<SentList, "start" | "ends"> {
  const start = out.length();
  const ends: number[] = [];
  for (let index = 0; index < items.length;) {
    if (index > 0) out.text(",");
    const same = index + lengthOfSame(items, before?.items ?? [], index);
    if (before === undefined || same === index) {
      out.text(items[index] === undefined ? "null" : wellFormedJson(items[index]));
      ends.push(out.length());
      index += 1;
      continue;
    }
    const from = index === 0 ? before.start : (before.ends[index - 1] as number) + 1;
    const moved = out.length() - from;
    out.copy(before.within.subarray(from, before.ends[same - 1]));
    for (; index < same; index += 1) ends.push((before.ends[index] as number) + moved);
  }
  return { start, ends };
}

/** How many objects from this place on are the same in both lists. */
function lengthOfSame(items: readonly unknown[], others: readonly unknown[], from: number): number {
  let index = from;
  while (index < items.length && isObject(items[index]) && items[index] === others[index]) index += 1;
  return index - from;
}

type Bytes = ReturnType<typeof openBytes>;

/** So much more than last time is likely to be enough. */
const moreBytes = 16_384;
/** A UTF-16 unit takes at most so many bytes in UTF-8. */
const bytesOfUnit = 3;

/** Bytes that grow: texts in UTF-8, and other bytes. */
function openBytes(usual: number) {
  let [bytes, length] = [Buffer.allocUnsafeSlow(usual + moreBytes), 0];
  const makeRoom = (more: number): void => {
    if (length + more <= bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (length + more));
    larger.set(bytes.subarray(0, length));
    bytes = larger;
  };
  return {
    length: () => length,
    text(text: string): void {
      makeRoom(text.length * bytesOfUnit);
      length += bytes.write(text, length);
    },
    copy(more: Uint8Array): void {
      makeRoom(more.length);
      bytes.set(more, length);
      length += more.length;
    },
    bytes: (): Uint8Array => bytes.subarray(0, length),
  };
}
