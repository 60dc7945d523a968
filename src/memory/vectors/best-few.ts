/** Keeps the items with the highest scores of all that are offered; of equal scores those with the lower number. */
export interface BestFew {
  offer(item: number, score: number): void;
  /** The lowest score among the items that are kept; -Infinity as long as there is room. */
  floor(): number;
  /** The items that are kept, best first. */
  sorted(): Scored<number>[];
  /** The same in no order, without their scores. */
  items(): number[];
}
export type Scored<Item> = { item: Item; score: number };

/** A heap of at most `count` items with the worst on top, so that the others are never sorted. */
export function keepBest(count: number): BestFew {
  const heap: Scored<number>[] = [];
  return {
    offer(item, score) {
      if (heap.length < count) return rise(heap, { item, score });
      const worst = heap[0];
      if (worst === undefined || worst.score > score) return;
      const offered = { item, score };
      if (isWorse(worst, offered)) sink(heap, offered);
    },
    floor: () => (heap.length < count ? -Infinity : (heap[0]?.score ?? Infinity)),
    sorted: () => [...heap].sort((one, other) => (isWorse(one, other) ? 1 : -1)),
    items: () => heap.map(({ item }) => item),
  };
}

/** The `count` items with the highest scores, best first; of equal scores the earlier item first. */
export function bestFew<Item>(items: readonly Item[], scoreOf: (item: Item) => number, count: number): Scored<Item>[] {
  const best = keepBest(count);
  items.forEach((item, index) => best.offer(index, scoreOf(item)));
  return best.sorted().map(({ item, score }) => ({ item: items[item] as Item, score }));
}

const isWorse = (one: Scored<number>, other: Scored<number>): boolean =>
  one.score < other.score || (one.score === other.score && one.item > other.item);

/** Puts an item in at the bottom. */
function rise(heap: Scored<number>[], item: Scored<number>): void {
  let place = heap.length;
  while (place > 0) {
    const above = (place - 1) >> 1;
    const parent = heap[above] as Scored<number>;
    if (!isWorse(item, parent)) break;
    heap[place] = parent;
    place = above;
  }
  heap[place] = item;
}

/** Puts an item in the place of the one on top. */
function sink(heap: Scored<number>[], item: Scored<number>): void {
  let place = 0;
  for (;;) {
    let below = 2 * place + 1;
    const [left, right] = [heap[below], heap[below + 1]];
    if (left === undefined) break;
    let child = left;
    if (right !== undefined && isWorse(right, left)) {
      child = right;
      below += 1;
    }
    if (!isWorse(child, item)) break;
    heap[place] = child;
    place = below;
  }
  heap[place] = item;
}
