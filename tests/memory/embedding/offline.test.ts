import assert from "node:assert/strict";
import { test } from "node:test";
import { dotProduct } from "../../../src/memory/vectors/cosine.js";
import { createOfflineEmbed, hasOfflineEmbedding } from "../../../src/memory/embedding/offline.js";

const embed = createOfflineEmbed();
const call = { step: 1, signal: new AbortController().signal };

test("paraphrases lie near each other, other topics do not", async () => {
  assert.ok(hasOfflineEmbedding());
  const [capital, same, other] = (await embed(
    ["Paris is the capital of France.", "The capital city of France is Paris.", "The dog sleeps under the table."],
    call,
  )) as [Float32Array, Float32Array, Float32Array];
  assert.equal(capital.length, 512);
  assert.ok(Math.abs(dotProduct(capital, capital) - 1) < 1e-4);
  assert.ok(dotProduct(capital, same) > 0.7);
  assert.ok(dotProduct(capital, other) < 0.3);
});

test("line ends are spaces, and a text without anything is taken", async () => {
  const [spaced, broken, empty] = await embed(["red house", " red\r\n\thouse\n", "\n"], call);
  assert.deepEqual(spaced, broken);
  assert.equal(empty?.length, 512);
});

test("the vector of a text does not depend on its neighbours, and many come in order", async () => {
  const texts = Array.from({ length: 11 }, (_, number) => `text number ${number}`);
  const together = await embed(texts, call);
  const [alone = new Float32Array()] = await embed(["text number 7"], call);
  assert.ok(dotProduct(together[7] as Float32Array, alone) > 0.9999);
  assert.equal(together.length, 11);
});

test("an abort ends it between texts", async () => {
  const stop = new AbortController();
  const wait = embed(Array<string>(1_000).fill("a rather long text that takes its time"), {
    step: 1,
    signal: stop.signal,
  });
  setTimeout(() => stop.abort(new Error("enough")), 50);
  await assert.rejects(wait, /enough/);
});
