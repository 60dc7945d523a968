import { once } from "../../base/keeping/once.js";

/** Scripts that do not put spaces between words. */
const unspaced = [
  ...["\\p{Script=Han}", "\\p{Script=Hiragana}", "\\p{Script=Katakana}"],
  ...["\\p{Script=Thai}", "\\p{Script=Lao}", "\\p{Script=Khmer}"],
].join("");
/** V8 takes long to make expressions for all letters: they are made for the first text that has more than ASCII. */
const forAllLetters = once(() => ({
  marks: /\p{M}+/gu,
  runs: new RegExp(`[${unspaced}]+|(?:(?![${unspaced}])[\\p{L}\\p{N}])+`, "gu"),
  beginsUnspaced: new RegExp(`^[${unspaced}]`, "u"),
}));
const foreign = /[^\0-\x7f]/;
const plainRuns = /[a-z0-9]+/g;

/** Words in lower case without accents. In scripts without spaces: each character, and each pair of neighbours. */
export function wordsOf(text: string): string[] {
  // Most texts are plain, and their words are found many times faster.
  if (!foreign.test(text)) return text.toLowerCase().match(plainRuns) ?? [];
  const { marks, runs, beginsUnspaced } = forAllLetters();
  const words: string[] = [];
  for (const run of text.normalize("NFKD").replace(marks, "").toLowerCase().match(runs) ?? []) {
    if (beginsUnspaced.test(run)) addCharactersAndPairs([...run], words);
    else words.push(run);
  }
  return words;
}

/** Of a long query so many different words count, characters and pairs among them. */
const mostWords = 2000;

/** The different words of a query; of a long one the last of them, which say what is wanted now. */
export function lastWords(query: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const word of wordsOf(query).reverse()) {
    words.add(word);
    if (words.size === mostWords) break;
  }
  return words;
}

function addCharactersAndPairs(characters: readonly string[], words: string[]): void {
  characters.forEach((character, index) => {
    const next = characters[index + 1];
    if (next === undefined) words.push(character);
    else words.push(character, character + next);
  });
}
