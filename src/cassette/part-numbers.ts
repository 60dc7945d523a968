import { hash } from "node:crypto";

/** A shorter JSON is its own name in the table. */
const shortestHashed = 100;

/** So many parts are known at least, and twice as many at most: what repeats does so within some hundred steps. */
const leastKnown = 5_000;

/** Which parts a session has said already, by their JSON. */
export type PartNumbers = {
  /** The number of a part that is known; undefined for one that is new, or that was said so long ago that it is to be said again. */
  find(json: string): number | undefined;
  /** Gives a new part its number. */
  add(json: string): number;
};

/**
 * Numbers parts from 0 on. Those that were neither added nor found for long are forgotten: a run of many steps would keep a name of each
 * part that it ever had.
 */
export function numberParts(least: number = leastKnown): PartNumbers {
  let count = 0;
  let [recent, before] = [new Map<string, number>(), new Map<string, number>()];
  const keep = (name: string, id: number): number => {
    recent.set(name, id);
    if (recent.size >= least) [recent, before] = [new Map(), recent];
    return id;
  };
  return {
    find(json) {
      const name = nameOf(json);
      const known = recent.get(name);
      if (known !== undefined) return known;
      const older = before.get(name);
      return older === undefined ? undefined : keep(name, older);
    },
    add: (json) => keep(nameOf(json), count++),
  };
}

const nameOf = (json: string): string => (json.length < shortestHashed ? json : hash("sha256", json, "base64"));
