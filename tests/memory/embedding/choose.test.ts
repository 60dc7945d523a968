import assert from "node:assert/strict";
import { test } from "node:test";
import { ModelError, SettingsError } from "../../../src/errors.js";
import { asItIs, createEmbeddingChoice, wordSearchModel } from "../../../src/memory/embedding/choose.js";
import type { EmbeddingProvider } from "../../../src/memory/embedding/providers.js";
import type { Embed, MadeWith } from "../../../src/memory/memory.js";
import { offlineModel } from "../../../src/memory/embedding/offline.js";
import { wordsEmbedding } from "./words-embedding.js";

const signal = new AbortController().signal;
const call = { step: 3, signal };
const model = "text-embedding-3-small";
const made = (embeddingModel: string, dimension: number): MadeWith => ({ where: "/m", embeddingModel, dimension });

function choiceOf(provider: EmbeddingProvider, embed: Embed = wordsEmbedding().embed) {
  const said: string[] = [];
  const choose = createEmbeddingChoice({
    provider,
    endpoint: { model, address: "http://server/v1", embed },
    offline: () => async (texts) => texts.map(() => new Float32Array([1])),
    signal,
    warn: (message) => void said.push(message),
  });
  return { choose, said };
}

const without: Embed = async () => Promise.reject(new ModelError("unknown-model", "no such thing"));

test("auto takes the server's model for a new memory, and finds that out with the text that is embedded next", async () => {
  const { embed, asked } = wordsEmbedding();
  const { choose, said } = choiceOf("auto", embed);
  assert.equal((await choose(null, { texts: ["the first text"], call })).model, model);
  assert.equal((await choose(null)).model, model);
  assert.deepEqual(asked, ["the first text"]);
  assert.deepEqual(said, []);
});

test("auto takes the offline model where the server has none, and says so once, with what it cannot do", async () => {
  const { choose, said } = choiceOf("auto", without);
  for (let time = 0; time < 3; time += 1) assert.equal((await choose(null)).model, offlineModel);
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /http:\/\/server\/v1 has no embeddings by text-embedding-3-small.*English only.*reembed/);
});

test("a failure that passes chooses nothing, and is tried again the next time", async () => {
  let failures = 2;
  const { embed } = wordsEmbedding();
  const flaky: Embed = async (texts, asking) => {
    if (failures-- > 0) throw new ModelError("rate-limit", "later");
    return embed(texts, asking);
  };
  const { choose, said } = choiceOf("auto", flaky);
  await assert.rejects(choose(null), { kind: "rate-limit" });
  await assert.rejects(choose(null), { kind: "rate-limit" });
  assert.equal((await choose(null)).model, model);
  assert.deepEqual(said, []);
});

test("auto keeps what a memory was made with, without asking the server", async () => {
  const { choose } = choiceOf("auto", without);
  assert.equal((await choose(made(offlineModel, 512))).model, offlineModel);
  assert.deepEqual(await choose(made(wordSearchModel, 0)), { model: wordSearchModel, embed: null });
  assert.equal((await choose(made(model, 1536))).model, model);
});

test("local and none ask no server", async () => {
  assert.equal((await choiceOf("local", without).choose(null)).model, offlineModel);
  assert.deepEqual(await choiceOf("none", without).choose(null), { model: wordSearchModel, embed: null });
});

test("a memory of another model is refused, with the settings and the command that mend it", async () => {
  const cases: [EmbeddingProvider, MadeWith, RegExp][] = [
    ["auto", made("text-embedding-ada-002", 1536), /EMBEDDING_MODEL=text-embedding-ada-002.*memory reembed/],
    ["endpoint", made(offlineModel, 512), /EMBEDDING_PROVIDER=auto or local.*memory reembed/],
    ["local", made(model, 1536), /EMBEDDING_PROVIDER=auto or endpoint.*memory reembed/],
    ["none", made(model, 1536), /EMBEDDING_PROVIDER=auto or endpoint.*memory reembed/],
    ["local", made(wordSearchModel, 0), /EMBEDDING_PROVIDER=auto or none.*memory reembed/],
  ];
  for (const [provider, madeWith, message] of cases) {
    const thrown = await choiceOf(provider)
      .choose(madeWith)
      .catch((error: unknown) => error);
    assert.ok(thrown instanceof SettingsError, provider);
    assert.match(thrown.message, message);
  }
});

test("as it is, any memory can be looked into, and refuses only to embed", async () => {
  const choose = asItIs(choiceOf("local").choose);
  const { model: stored, embed } = await choose(made("another", 7));
  assert.equal(stored, "another");
  assert.ok(embed !== null);
  await assert.rejects(async () => embed(["text"], call), SettingsError);
  assert.equal((await choose(made(wordSearchModel, 0))).embed, null);
  assert.equal((await choose(null)).model, offlineModel);
});
