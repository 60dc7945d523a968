/** Finds texts by the words they share with a query. */
export interface WordIndex<Item> {
  add(item: Item, text: string): void;
  /**
   * The `count` items whose texts fit the query best, best first, of equal scores the earlier first; none that shares
   * no word with it. Scores lie between 0 and 1, the score that no text can exceed.
   */
  best(query: string, count: number): { item: Item; score: number }[];
}

/**
 * BM25's k1 and b, with their usual values: how soon repetitions of a word stop to matter, and how much length counts.
 */
const saturation = 1.2;
const lengthShare = 0.75;

type Posting = { document: number; frequency: number };

/**
 * Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009), with an inverse
 * document frequency that is never negative. Each word of a query counts once, however often it stands there.
 */
export function createWordIndex<Item>(): WordIndex<Item> {
  const documents: { item: Item; length: number }[] = [];
  const postings = new Map<string, Posting[]>();
  let wordsInAll = 0;

  const rarity = (found: number): number => Math.log(1 + (documents.length - found + 0.5) / (found + 0.5));

  return {
    add(item, text) {
      const words = wordsOf(text);
      const document = documents.push({ item, length: words.length }) - 1;
      wordsInAll += words.length;
      for (const [word, frequency] of counted(words)) {
        const list = postings.get(word);
        if (list) list.push({ document, frequency });
        else postings.set(word, [{ document, frequency }]);
      }
    },
    best(query, count) {
      const scores = new Map<number, number>();
      const usualLength = wordsInAll / documents.length || 1;
      let ideal = 0;
      for (const word of new Set(wordsOf(query))) {
        const found = postings.get(word) ?? [];
        const weight = rarity(found.length) * (saturation + 1);
        ideal += weight;
        for (const { document, frequency } of found) {
          const length = (documents[document]?.length ?? 0) / usualLength;
          const damped = frequency + saturation * (1 - lengthShare + lengthShare * length);
          scores.set(document, (scores.get(document) ?? 0) + (weight * frequency) / damped);
        }
      }
      return [...scores]
        .sort(([one, score], [other, otherScore]) => otherScore - score || one - other)
        .slice(0, count)
        .map(([document, score]) => ({ item: documents[document]?.item as Item, score: score / ideal }));
    },
  };
}

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Scripts that do not put spaces between words. */
const unspaced =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}";

/** Words in lower case without accents. In scripts without spaces: each character, and each pair of neighbours. */
export function wordsOf(text: string): string[] {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();
  const words: string[] = [];
  for (const [run] of plain.matchAll(new RegExp(`[${unspaced}]+|(?:(?![${unspaced}])[\\p{L}\\p{N}])+`, "gu"))) {
    if (!new RegExp(`^[${unspaced}]`, "u").test(run)) words.push(run);
    else words.push(...charactersAndPairs([...run]));
  }
  return words;
}

const charactersAndPairs = (characters: readonly string[]): string[] =>
  characters.flatMap((character, index) => {
    const next = characters[index + 1];
    return next === undefined ? [character] : [character, character + next];
  });
