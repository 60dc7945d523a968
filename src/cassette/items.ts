import { isObject } from "../base/json.js";

/** So many lists are remembered: that of the loop, and those of conversations beside it. */
const mostLists = 4;

/** How often it is looked for where a list goes on, behind items that are new, gone or changed. */
const mostTries = 8;

type Known = { items: readonly unknown[]; ids: readonly number[] };

/**
 * Numbers the items of lists as parts. A list that begins as an earlier one is compared with that one, so that only what is new has to
 * be given to `part`, which gives the number of one item: a context has the messages of the one before, or those behind some that were cut.
 */
export function createItems(part: (item: unknown) => number): (items: readonly unknown[]) => number[] {
  const lists = new Map<number, Known>();
  return (items) => {
    const first = part(items[0]);
    const known = lists.get(first);
    let [ahead, tries] = [0, mostTries];
    const idOf = (item: unknown, index: number): number => {
      if (known === undefined || tries === 0) return part(item);
      if (!isSame(known.items[index + ahead], item)) {
        tries -= 1;
        const at = placeOf(item, known, index + ahead - 1);
        if (at === -1) return part(item);
        ahead = at - index;
      }
      return known.ids[index + ahead] as number;
    };
    const ids = known === undefined ? [first] : known.ids.slice(0, lengthOfStart(items, known.items));
    for (let index = ids.length; index < items.length; index += 1) ids.push(idOf(items[index], index));
    lists.delete(first);
    lists.set(first, { items, ids });
    for (const [oldest] of lists) if (lists.size > mostLists) lists.delete(oldest);
    return ids;
  };
}

/** How many items, behind the first ones, are the same objects in both lists. */
function lengthOfStart(items: readonly unknown[], others: readonly unknown[]): number {
  let index = 1;
  while (index < items.length && index < others.length && items[index] === others[index]) index += 1;
  return index;
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
