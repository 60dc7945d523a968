/** How many places of each ranking count. */
export const countedPlaces = 20;
/** Reciprocal rank fusion's k: how much less a later place counts than an earlier one. */
const evenness = 60;
/** The first place in both rankings. */
const most = 2 / (evenness + 1);
/** Scores that differ by less say the same. */
const same = 1e-6;

type Ranked = { score: number };

/**
 * Two rankings of the same things in one, by reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009, k = 60): what they say of a thing
 * is its place, so that it does not matter that their scores cannot be compared. The first 20 places count, or few relevant things would be put
 * behind many that lie somewhere in both rankings. What has equal scores shares its places; where they go on behind the 20th, the ranking
 * cannot tell these things apart and says nothing of them. The rest of `near` follows in its order.
 *
 * `near` and `found` have scores, best first, and should have more than 20 things if there are so many. `keyOf` tells things apart. Gives each
 * thing once, with a score of at most 1, which is that of the first place in both; of equal ones that which comes first in `near`, then in `found`.
 */
export function joinByRanks<Thing extends Ranked>(
  near: readonly Thing[],
  found: readonly Thing[],
  keyOf: (thing: Thing) => string,
): Thing[] {
  const sums = new Map<string, { thing: Thing; sum: number }>();
  for (const ranking of [near, found]) {
    for (const { thing, place } of places(ranking)) {
      const key = keyOf(thing);
      const before = sums.get(key);
      sums.set(key, { thing: before?.thing ?? thing, sum: (before?.sum ?? 0) + 1 / (evenness + place) });
    }
  }
  const order = new Map(near.map((thing, index) => [keyOf(thing), index]));
  const orderOf = (thing: Thing): number => order.get(keyOf(thing)) ?? Infinity;
  const joined = [...sums.values()].sort(
    (one, other) => other.sum - one.sum || compared(orderOf(one.thing), orderOf(other.thing)),
  );
  const rest = near.filter((thing) => !sums.has(keyOf(thing)));
  return [
    ...joined.map(({ thing, sum }) => ({ ...thing, score: sum / most })),
    ...rest.map((thing, index) => ({ ...thing, score: 1 / (evenness + countedPlaces + 1 + index) / most })),
  ];
}

const compared = (one: number, other: number): number => (one === other ? 0 : one - other);

/** The things that a ranking says something of, and their places from 1 on: of equal things the mean of theirs. */
function places<Thing extends Ranked>(ranking: readonly Thing[]): { thing: Thing; place: number }[] {
  const placed: { thing: Thing; place: number }[] = [];
  for (let first = 0, next = 0; first < ranking.length && first < countedPlaces; first = next) {
    const { score } = ranking[first] as Thing;
    while (next < ranking.length && score - (ranking[next] as Thing).score < same) next += 1;
    if (next > countedPlaces) break;
    for (const thing of ranking.slice(first, next)) placed.push({ thing, place: (first + 1 + next) / 2 });
  }
  return placed;
}
