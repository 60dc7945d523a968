import assert from "node:assert/strict";
import { test } from "node:test";
import { createWordIndex } from "../../../src/memory/vectors/word-index.js";
import { lastWords, wordsOf } from "../../../src/memory/vectors/words.js";

const indexOf = (...texts: string[]) => {
  const index = createWordIndex<string>();
  for (const text of texts) index.add(text, text);
  return index;
};

test("rare words count more than common ones, and what shares nothing is left out", () => {
  const index = indexOf("the cat sat", "the dog ran", "the quokka slept", "nothing in common");
  assert.deepEqual(
    index.best("the quokka", 10).map(({ item }) => item),
    ["the quokka slept", "the cat sat", "the dog ran"],
  );
  assert.deepEqual(index.best("zebra", 10), []);
  assert.deepEqual(index.best("", 10), []);
  assert.deepEqual(createWordIndex().best("anything", 10), []);
});

test("scores lie from 0 to 1, best first, of equal ones the earlier first, and no more than asked for", () => {
  const index = indexOf("red house", "red house", "red house garden shed", "blue boat");
  const found = index.best("red house", 2);
  assert.equal(found.length, 2);
  for (const { score } of index.best("red house", 10)) assert.ok(score > 0 && score <= 1, String(score));
  assert.equal(index.best("red house", 10).at(-1)?.item, "red house garden shed");
  const numbered = createWordIndex<number>();
  for (let number = 0; number < 20; number += 1) numbered.add(number, "same words");
  assert.deepEqual(
    numbered.best("same", 3).map(({ item }) => item),
    [0, 1, 2],
  );
});

test("the score is that of the published formula", () => {
  const index = indexOf("a b", "b c c");
  // N = 2, both lengths 2 and 3, mean 2.5; "c" is in one text, twice.
  const idf = Math.log(1 + (2 - 1 + 0.5) / (1 + 0.5));
  const raw = (idf * 2 * 2.2) / (2 + 1.2 * (1 - 0.75 + (0.75 * 3) / 2.5));
  const [best] = index.best("c", 1);
  assert.equal(best?.item, "b c c");
  assert.ok(Math.abs((best?.score ?? 0) - raw / (idf * 2.2)) < 1e-12);
});

test("case and accents do not matter; scripts without spaces are found by their parts", () => {
  assert.deepEqual(wordsOf("Zażółć CAFÉ x-1"), ["zazołc", "cafe", "x", "1"]);
  assert.deepEqual(wordsOf("我是GPT"), ["我", "我是", "是", "gpt"]);
  const index = indexOf("北京是中国的首都", "东京是日本的首都");
  assert.equal(index.best("中国", 1)[0]?.item, "北京是中国的首都");
});

test("what is not wanted takes no place of others", () => {
  const index = indexOf("red house", "red boat", "red garden with a shed");
  assert.deepEqual(
    index.best("red", 2, (text) => text !== "red boat").map(({ item }) => item),
    ["red house", "red garden with a shed"],
  );
});

test("of a long query the last 2,000 different words count", () => {
  const many = Array.from({ length: 3_000 }, (_, number) => `w${number}`);
  const words = lastWords([...many, ...many.slice(-10)].join(" "));
  assert.equal(words.size, 2_000);
  assert.deepEqual([words.has("w999"), words.has("w1000"), words.has("w2999")], [false, true, true]);
  const index = indexOf("w5", "w2500");
  assert.deepEqual(
    index.best(many.join(" "), 10).map(({ item }) => item),
    ["w2500"],
  );
});
