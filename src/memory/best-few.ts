/** The `count` items with the highest scores, best first; of equal ones the earlier first. Does not sort the rest. */
export function bestFew<Item>(
  items: readonly Item[],
  scoreOf: (item: Item) => number,
  count: number,
): { item: Item; score: number }[] {
  const best: { item: Item; score: number }[] = [];
  for (const item of items) {
    const score = scoreOf(item);
    const worst = best[best.length - 1];
    if (best.length >= count && (worst === undefined || score <= worst.score)) continue;
    const place = best.findIndex((other) => other.score < score);
    best.splice(place === -1 ? best.length : place, 0, { item, score });
    if (best.length > count) best.pop();
  }
  return best;
}
