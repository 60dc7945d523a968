import { hash } from "node:crypto";
import { keepRecent } from "../base/keeping/keep-recent.js";

/** A shorter JSON is its own name in the table. */
const shortestHashed = 100;

/** So many parts are known at least, and twice as many at most: what repeats does so within some hundred steps. */
const leastKnown = 5_000;

/** Items of lists, messages above all, are numbered by themselves: so the hundred of a request are one run or few. */
export type PartKind = "item" | "other";
/** Where the numbers of all others begin: behind more items than any run has. */
const firstOther = 2 ** 30;

/** Which parts a session has said already, by their JSON. */
export type PartNumbers = {
  /** The number of a part that is known; undefined for one that is new, or that was said so long ago that it is to be said again. */
  find(json: string): number | undefined;
  /** Gives a new part its number, an item of a list the next one of its own. */
  add(json: string, kind?: PartKind): number;
};

/**
 * Numbers items from 0 on, and other parts from 2^30 on. Those that were neither added nor found for long are forgotten: a run of many steps would keep a name of each
 * part that it ever had.
 */
export function numberParts(least: number = leastKnown): PartNumbers {
  const next = { item: 0, other: firstOther };
  const known = keepRecent<string, number>(least);
  return {
    find: (json) => known.get(nameOf(json)),
    add(json, kind = "other") {
      const id = next[kind]++;
      known.set(nameOf(json), id);
      return id;
    },
  };
}

const nameOf = (json: string): string => (json.length < shortestHashed ? json : hash("sha256", json, "base64"));
