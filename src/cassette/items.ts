import { isObject, wellFormedJson } from "../base/json.js";
import type { Part } from "./encode.js";

/** So many lists are remembered: that of the loop, and those of conversations beside it. */
const mostLists = 4;

/** How often it is looked for where a list goes on, behind items that are new, gone or changed. */
const mostTries = 8;

type Known = { items: readonly unknown[]; ids: readonly number[] };

/**
 * Numbers the items of lists as parts. A list that begins as an earlier one is compared with that one, so that only what is new has to
 * be made into JSON and hashed: a context has the messages of the one before, or those behind some that were cut.
 */
export function createItems(part: Part): (items: readonly unknown[]) => number[] {
  const lists = new Map<number, Known>();
  return (items) => {
    const first = part(wellFormedJson(items[0]));
    const known = lists.get(first);
    let [ahead, tries] = [0, mostTries];
    const ids = items.map((item, index) => {
      if (index === 0) return first;
      if (known === undefined || tries === 0) return part(wellFormedJson(item));
      if (!isSame(known.items[index + ahead], item)) {
        tries -= 1;
        const at = placeOf(item, known, index + ahead - 1);
        if (at === -1) return part(wellFormedJson(item));
        ahead = at - index;
      }
      return known.ids[index + ahead] as number;
    });
    lists.delete(first);
    lists.set(first, { items, ids });
    for (const [oldest] of lists) if (lists.size > mostLists) lists.delete(oldest);
    return ids;
  };
}

/** Where an item stands in a list, from this place on; -1 where it does not. */
const placeOf = (item: unknown, { items }: Known, from: number): number =>
  items.findIndex((one, place) => place >= from && isSame(one, item));

/** Whether two values have the same JSON. Texts that are one and the same cost nothing. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  if (!isObject(one) || !isObject(other)) return false;
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  return keys.length === others.length && keys.every((key, at) => key === others[at] && isSame(one[key], other[key]));
}
