import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Embed, OpenedMemory, MemorySource } from "../../src/memory/memory.js";
import { joinedContract } from "./joined-contract.js";
import { upkeepContract } from "./upkeep-contract.js";
import { wordsEmbedding } from "./embedding/words-embedding.js";

export type MemoryUnderTest = {
  name: string;
  /** Opens the memory of an AI, made with the model "words" or this one; the same place gives the same memory again. */
  open(place: string, aiName: string, embed: Embed | null, model?: string): Promise<OpenedMemory>;
  /** A new place where nothing is stored. */
  place(t: TestContext): Promise<string>;
  /** Does not remember anything by design. */
  forgets?: boolean;
  /** Cannot change the dimension of its vectors. */
  oneDimension?: boolean;
  /** Cannot recall by words alone. */
  needsVectors?: boolean;
  /** Is searched by words as well where its vectors are the offline model's. */
  joinsWords?: boolean;
};

export const source = (step: number, run = "run-1"): MemorySource => ({ run, step, kind: "step" });
const call = { step: 1, signal: new AbortController().signal };

export type Tried = MemoryUnderTest & { texts(memory: OpenedMemory, query: string, count?: number): Promise<string[]> };

/** What every memory promises. */
export function memoryContract(given: MemoryUnderTest): void {
  const texts = async (memory: OpenedMemory, query: string, count = 10): Promise<string[]> =>
    (await memory.recall(query, { count }, call)).map(({ text }) => text);
  const tried: Tried = { ...given, texts };
  everyMemory(tried);
  if (given.forgets) forgetting(tried);
  else {
    remembering(tried);
    keepingApart(tried);
    failing(tried);
    upkeepContract(tried);
    if (given.joinsWords) joinedContract(tried);
  }
}

function everyMemory({ name, open, place, texts }: Tried): void {
  test(`${name}: an empty memory recalls nothing and asks for no embedding`, async (t) => {
    const { embed, asked } = wordsEmbedding();
    const memory = await open(await place(t), "Ada", embed);
    assert.deepEqual(await texts(memory, "anything"), []);
    assert.equal((await memory.stats()).records, 0);
    await memory.clear();
    await memory.close();
    assert.deepEqual(asked, []);
  });

  test(`${name}: an empty text is taken and not recalled`, async (t) => {
    const memory = await open(await place(t), "Ada", wordsEmbedding().embed);
    await memory.add("", source(1), call);
    await memory.add(" \n", source(2), call);
    assert.deepEqual(await texts(memory, ""), []);
    await memory.close();
  });
}

function forgetting({ name, open, place, texts }: Tried): void {
  test(`${name}: takes texts, asks nobody and recalls nothing`, async (t) => {
    const { embed, asked } = wordsEmbedding();
    const memory = await open(await place(t), "Ada", embed);
    await memory.add("the red house", source(1), call);
    assert.deepEqual(await texts(memory, "red house"), []);
    assert.deepEqual(asked, []);
    assert.deepEqual(await memory.addMany([{ text: "the red house", source: source(1) }], call), []);
    assert.equal(await memory.forget({ run: "run-1" }), 0);
    for await (const record of memory.entries()) assert.fail(record.text);
    const { backend, records } = await memory.stats();
    assert.deepEqual({ backend, records }, { backend: name, records: 0 });
  });
}

function remembering({ name, open, place, texts }: Tried): void {
  test(`${name}: the one record of a step is there once, however often it is put in and by whom`, async (t) => {
    const where = await place(t);
    const text = "the red house";
    const memory = await open(where, "Ada", wordsEmbedding().embed);
    assert.equal(await memory.add(text, source(1), call, "new"), true);
    assert.equal(await memory.add(text, source(1), call, "perhaps-there"), true);
    await memory.close();
    const { embed, asked } = wordsEmbedding();
    const later = await open(where, "Ada", embed);
    assert.equal(await later.add(text, source(1), call, "perhaps-there"), true);
    assert.deepEqual(asked, [], "what is there is not embedded again");
    assert.equal((await later.stats()).records, 1);
    await later.add(text, source(2), call, "perhaps-there");
    await later.add(text, source(1, "run-2"), call, "perhaps-there");
    assert.equal((await later.stats()).records, 3);
    assert.deepEqual(await texts(later, "house"), [text]);
    await later.close();
  });

  test(`${name}: what resembles texts that were added last is recalled without a request`, async (t) => {
    const { embed } = wordsEmbedding();
    const requests: (readonly string[])[] = [];
    const memory = await open(await place(t), "Ada", (given, of) => (requests.push(given), embed(given, of)));
    for (const text of ["red house", "green hill", "green boat"]) await memory.add(text, source(1), call);
    const before = requests.length;
    const near = async (...texts: string[]) =>
      (await memory.recall("a house", { count: 1, near: texts }, call)).map(({ text }) => text);
    assert.deepEqual(await near("green hill"), ["green hill"]);
    assert.deepEqual(await near("red house", "red house"), ["red house"]);
    assert.equal(requests.length, before);
    assert.deepEqual(await near("red house", "a house"), ["red house"]);
    assert.deepEqual(requests.slice(before), [["a house"]]);
    assert.deepEqual(await texts(memory, "a hill", 1), ["green hill"], "without them, the query is embedded");
    await memory.close();
  });

  test(`${name}: recalls the nearest first, at most as many as asked for`, async (t) => {
    const memory = await open(await place(t), "Ada", wordsEmbedding().embed);
    for (const text of ["blue boat", "red house", "red house garden", "green hill"]) {
      await memory.add(text, source(1), call);
    }
    assert.deepEqual(await texts(memory, "red house garden", 2), ["red house garden", "red house"]);
    const [best] = await memory.recall("red house garden", { count: 1 }, call);
    assert.ok(best && Math.abs(best.score - 1) < 1e-5, "the same text scores 1");
    assert.deepEqual(best.source, source(1));
    assert.match(best.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.equal((await memory.stats()).records, 4);
  });

  test(`${name}: leaves out what the history still shows, and nothing of other runs`, async (t) => {
    const memory = await open(await place(t), "Ada", wordsEmbedding().embed);
    await memory.add("red one", source(1), call);
    await memory.add("red two", source(2), call);
    await memory.add("red three", source(3, "run-0"), call);
    const recalled = await memory.recall("red", { count: 10, unless: [{ run: "run-1", fromStep: 2 }] }, call);
    assert.deepEqual(recalled.map(({ text }) => text).sort(), ["red one", "red three"]);
  });

  test(`${name}: every script comes back as it went in`, async (t) => {
    const memory = await open(await place(t), "Ada", wordsEmbedding().embed);
    const text = '我是GPT · zażółć · 😀👩‍👩‍👧 · tab\t newline\n\u2028 quote" \\ nul\0';
    await memory.add(text, source(1), call);
    assert.deepEqual(await texts(memory, "我是GPT"), [text]);
  });

  test(`${name}: pitfalls 6 and 12: a long text is one record that is found by any of its parts, a long query is taken`, async (t) => {
    const memory = await open(await place(t), "Ada", wordsEmbedding().embed);
    const filler = "中文 lorem ipsum dolor 😀 ".repeat(4_000);
    const long = `${filler}the needle lies here ${filler}`;
    assert.ok(long.length > 100_000);
    await memory.add(long, source(1), call);
    await memory.add("completely different words", source(2), call);
    assert.equal((await memory.stats()).records, 2);
    assert.deepEqual(await texts(memory, "needle lies here", 1), [long]);
    assert.deepEqual(await texts(memory, long, 1), [long]);
  });

  test(`${name}: pitfalls 1, 2, 8: a restart keeps everything and goes on with it`, async (t) => {
    const where = await place(t);
    const first = await open(where, "Ada", wordsEmbedding().embed);
    await first.add("red house", source(1), call);
    await first.close();
    const second = await open(where, "Ada", wordsEmbedding().embed);
    await second.add("blue boat", source(1, "run-2"), call);
    assert.deepEqual(await texts(second, "red house", 1), ["red house"]);
    await second.close();
    const third = await open(where, "Ada", wordsEmbedding().embed);
    assert.deepEqual((await texts(third, "red house")).sort(), ["blue boat", "red house"]);
  });
}

function keepingApart({ name, open, place, texts }: Tried): void {
  test(`${name}: two AIs in one place do not mix, and one can be forgotten alone`, async (t) => {
    const where = await place(t);
    const names = ["Ada", "ada", "A/da", "..", "我是GPT", "Ada "];
    const memories = await Promise.all(names.map((aiName) => open(where, aiName, wordsEmbedding().embed)));
    for (const [index, memory] of memories.entries()) await memory.add(`red ${index}`, source(1), call);
    for (const [index, memory] of memories.entries()) assert.deepEqual(await texts(memory, "red"), [`red ${index}`]);
    await memories[0]?.clear();
    for (const [index, memory] of memories.entries()) {
      assert.deepEqual(await texts(memory, "red"), index === 0 ? [] : [`red ${index}`]);
    }
    await memories[0]?.add("red again", source(2), call);
    assert.deepEqual(await texts(await open(where, "Ada", wordsEmbedding().embed), "red"), ["red again"]);
  });

  test(`${name}: two users of one memory see what the other adds and forgets`, async (t) => {
    const where = await place(t);
    const [first, second] = [
      await open(where, "Ada", wordsEmbedding().embed),
      await open(where, "Ada", wordsEmbedding().embed),
    ];
    await first.add("red", source(1), call);
    assert.deepEqual(await texts(second, "red"), ["red"]);
    await second.clear();
    await second.add("green", source(2), call);
    assert.deepEqual(await texts(first, "red"), ["green"]);
    await Promise.all(
      [1, 2, 3, 4].flatMap((step) => [first.add("a", source(step), call), second.add("b", source(step), call)]),
    );
    assert.equal((await first.stats()).records, 9);
    assert.equal((await second.stats()).records, 9);
  });
}

function failing({ name, open, place, texts }: Tried): void {
  test(`${name}: pitfall 7: a failing embedding leaves nothing half-written`, async (t) => {
    const where = await place(t);
    const { embed, fail } = wordsEmbedding();
    const memory = await open(where, "Ada", embed);
    await memory.add("red house", source(1), call);
    fail(new Error("the server is down"));
    await assert.rejects(memory.add("blue boat", source(2), call), /the server is down/);
    await assert.rejects(memory.recall("blue boat", { count: 1 }, call), /the server is down/);
    fail(null);
    await memory.add("green hill", source(3), call);
    const reopened = await open(where, "Ada", wordsEmbedding().embed);
    for (const each of [memory, reopened]) {
      assert.equal((await each.stats()).records, 2);
      assert.deepEqual(await texts(each, "red house", 1), ["red house"]);
      assert.deepEqual(await texts(each, "green hill", 1), ["green hill"]);
    }
  });

  test(`${name}: vectors that are none are refused before anything is stored`, async (t) => {
    const where = await place(t);
    for (const wrong of [[], [new Float32Array(0)], [new Float32Array([1, NaN])]]) {
      const memory = await open(where, "Ada", async () => wrong);
      await assert.rejects(memory.add("red", source(1), call), /embedding model/);
      assert.equal((await memory.stats()).records, 0);
    }
  });
}
