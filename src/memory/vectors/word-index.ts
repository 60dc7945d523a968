import { keepBest, type Scored } from "./best-few.js";
import { lastWords, wordsOf } from "./words.js";

/** Finds texts by the words they share with a query. */
export interface WordIndex<Item> {
  add(item: Item, text: string): void;
  /**
   * The `count` items whose texts fit the query best, best first, of equal scores the earlier first; none that shares
   * no word with it, and none that is not wanted. Scores lie between 0 and 1, the score that no text can exceed.
   */
  best(query: string, count: number, isWanted?: (item: Item) => boolean): Scored<Item>[];
}

/** Where a word stands: the number of a text, how often it stands there, the number of the next text … in ascending order. */
export type Postings = readonly number[];

/** The texts that are searched, by their numbers from 0. A length is a number of words. */
export type SearchedTexts = {
  count: number;
  wordsInAll: number;
  lengthOf(text: number): number;
  postingsOf(word: string): Postings;
};

/**
 * BM25's k1 and b, with their usual values: how soon repetitions of a word stop to matter, and how much length counts.
 */
const saturation = 1.2;
const lengthShare = 0.75;

/**
 * Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009), with an inverse
 * document frequency that is never negative. Each word of a query counts once, however often it stands there. Gives the
 * `count` best texts as WordIndex.best does.
 */
export function rankByWords(
  query: ReadonlySet<string>,
  { count: texts, wordsInAll, lengthOf, postingsOf }: SearchedTexts,
): (count: number, isWanted?: (text: number) => boolean) => Scored<number>[] {
  const scores = new Float64Array(texts);
  const found: number[] = [];
  const usualLength = wordsInAll / texts || 1;
  let ideal = 0;
  for (const word of query) {
    const postings = postingsOf(word);
    const having = postings.length / 2;
    const weight = Math.log(1 + (texts - having + 0.5) / (having + 0.5)) * (saturation + 1);
    ideal += weight;
    for (let place = 0; place < postings.length; place += 2) {
      const [text, frequency] = [postings[place] as number, postings[place + 1] as number];
      const damped = frequency + saturation * (1 - lengthShare + (lengthShare * lengthOf(text)) / usualLength);
      if (scores[text] === 0) found.push(text);
      scores[text] = (scores[text] as number) + (weight * frequency) / damped;
    }
  }
  return (count, isWanted = () => true) => {
    const best = keepBest(count);
    for (const text of found) if (isWanted(text)) best.offer(text, (scores[text] as number) / ideal);
    return best.sorted();
  };
}

/** An index in memory. `texts` are those that were added so far, by their numbers. */
export function createWordIndex<Item>(): WordIndex<Item> & { texts(): SearchedTexts } {
  const items: Item[] = [];
  const lengths: number[] = [];
  const postings = new Map<string, number[]>();
  let wordsInAll = 0;
  const texts = (): SearchedTexts => ({
    count: items.length,
    wordsInAll,
    lengthOf: (text) => lengths[text] ?? 0,
    postingsOf: (word) => postings.get(word) ?? [],
  });
  return {
    texts,
    add(item, text) {
      const words = wordsOf(text);
      const number = items.push(item) - 1;
      lengths.push(words.length);
      wordsInAll += words.length;
      for (const [word, frequency] of counted(words)) {
        const list = postings.get(word);
        if (list) list.push(number, frequency);
        else postings.set(word, [number, frequency]);
      }
    },
    best(query, count, isWanted = () => true) {
      const rank = rankByWords(lastWords(query), texts());
      const found = rank(count, (number) => isWanted(items[number] as Item));
      return found.map(({ item, score }) => ({ item: items[item] as Item, score }));
    },
  };
}

/** How often each word occurs. */
export function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
