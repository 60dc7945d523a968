import assert from "node:assert/strict";
import { test } from "node:test";
import { offlineModel } from "../../src/memory/embedding/offline.js";
import type { Embed } from "../../src/memory/memory.js";
import type { Tried } from "./contract.js";
import { wordsVector } from "./embedding/words-embedding.js";

const call = { step: 1, signal: new AbortController().signal };
const source = (step: number, run = "run-1") => ({ run, step, kind: "note" as const });

/** As the offline model: what is not written in Latin letters looks all alike. */
const latinEmbed: Embed = async (texts) => texts.map((text) => wordsVector(text.replace(/[^\0-\x7f]+/g, " ")));

const facts = [
  "服务器每周日重启",
  "发票模板在共享盘里",
  "博物馆星期一闭馆",
  "井水含铁太高",
  "合同可以提前解除",
  "数据库备份需要四十分钟",
];

/** What a memory promises that is searched by vectors and by words. */
export function joinedContract({ name, open, place, texts }: Tried): void {
  test(`${name}: with the offline model, words find what its vectors do not tell apart`, async (t) => {
    const where = await place(t);
    const memory = await open(where, "Ada", latinEmbed, offlineModel);
    const many = Array.from({ length: 30 }, (_, number) => `第${number}步没有找到价格`);
    await memory.addMany(
      [...many, ...facts].map((text, step) => ({ text, source: source(step) })),
      call,
    );
    const reopened = await open(where, "Ada", latinEmbed, offlineModel);
    for (const each of [memory, reopened]) {
      assert.deepEqual(await texts(each, "服务器什么时候重启", 1), [facts[0]]);
      assert.deepEqual(await texts(each, "备份数据库要多久", 1), [facts[5]]);
      const all = await each.recall("博物馆哪天闭馆", { count: 100 }, call);
      assert.equal(all.length, 36, "fewer only where there are no more");
      assert.equal(new Set(all.map(({ id }) => id)).size, 36);
      assert.equal(all[0]?.text, facts[2]);
      for (const [number, { score }] of all.entries())
        assert.ok(score > 0 && score <= (all[number - 1]?.score ?? 1), `${score}`);
    }
  });

  test(`${name}: with the offline model, what is first by both scores 1, and what another user forgot is gone`, async (t) => {
    const where = await place(t);
    const memory = await open(where, "Ada", latinEmbed, offlineModel);
    const other = await open(where, "Ada", latinEmbed, offlineModel);
    for (const [step, text] of ["red house", "red house garden", "blue boat"].entries())
      await memory.add(text, source(step), call);
    const [best] = await other.recall("red house garden", { count: 1 }, call);
    assert.equal(best?.text, "red house garden");
    assert.equal(best.score, 1);
    await memory.forget({ ids: [best.id] });
    assert.deepEqual(await texts(other, "red house garden", 2), ["red house", "blue boat"]);
    await memory.add("garden", source(9), call);
    assert.deepEqual((await texts(other, "garden", 3))[0], "garden");
  });

  test(`${name}: with the offline model, what is left out and what is repeated takes no place of others`, async (t) => {
    const memory = await open(await place(t), "Ada", latinEmbed, offlineModel);
    const shown = Array.from({ length: 40 }, (_, step) => `red house garden ${step}`);
    const repeated = Array.from({ length: 40 }, () => "red house garden again");
    await memory.addMany(
      [...repeated, ...shown].map((text, step) => ({ text, source: source(step) })),
      call,
    );
    await memory.add("a garden of herbs", source(1, "run-0"), call);
    const recalled = await memory.recall(
      "red house garden",
      { count: 3, unless: [{ run: "run-1", fromStep: 40 }] },
      call,
    );
    assert.deepEqual(
      recalled.map(({ text }) => text),
      ["red house garden again", "a garden of herbs"],
    );
    assert.equal(recalled[0]?.score, 1);
  });
}
