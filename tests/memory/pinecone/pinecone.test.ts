import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { onlyEmbedding } from "../embedding/only-embedding.js";
import { namespaceOf } from "../../../src/memory/pinecone/rows.js";
import { startFakePinecone } from "../../support/services/fake-pinecone.js";
import { source } from "../contract.js";
import { serviceMemories, quietCall } from "../service-memories.js";
import { pineconeAt } from "./service.js";
import { wordsEmbedding, wordsVector } from "../embedding/words-embedding.js";

const { embed } = wordsEmbedding();

async function world(t: TestContext, options: Parameters<typeof startFakePinecone>[0] = {}) {
  const server = await startFakePinecone(options);
  t.after(() => server.close());
  return { server, memories: await serviceMemories(t, pineconeAt(server)) };
}

type Found = readonly { text: string }[];
const textsOf = (found: Found): string[] => found.map(({ text }) => text);

test("the first record makes a serverless index where the settings say, and waits until it is ready", async (t) => {
  const { server, memories } = await world(t);
  const address = { apiKey: server.apiKey, baseUrl: server.url, cloud: "gcp", region: "europe-west4" } as const;
  const memory = await memories.open({ embed, address });
  assert.deepEqual(server.created, []);
  assert.match((await memory.stats()).detail ?? "", /not made yet/);
  await memory.add("red", source(1), quietCall);
  assert.equal(server.created.length, 1);
  const { name, dimension, metric, spec } = server.created[0] ?? ({} as Record<string, unknown>);
  assert.deepEqual([name, dimension, metric], ["auto-gpt", 64, "cosine"]);
  assert.deepEqual(spec, { serverless: { cloud: "gcp", region: "europe-west4" } });
  const again = await memories.open({ embed, address });
  assert.deepEqual(textsOf(await again.recall("red", { count: 1 }, quietCall)), ["red"]);
  assert.equal(server.created.length, 1);
});

test("pitfall 11: two runs keep both records, and the best match comes first", async (t) => {
  const { memories } = await world(t);
  const first = await memories.open({ embed });
  await first.add("red", source(1), quietCall);
  const second = await memories.open({ embed });
  await second.add("red house", source(1, "run-2"), quietCall);
  await second.add("green hill", source(2, "run-2"), quietCall);
  const found = await (await memories.open({ embed })).recall("red house", { count: 3 }, quietCall);
  assert.deepEqual(textsOf(found), ["red house", "red", "green hill"]);
  assert.deepEqual(
    found.map(({ score }) => score),
    found.map(({ score }) => score).sort((one, other) => other - one),
  );
});

test("pitfall 10: foreign namespaces survive start, wipe and clear", async (t) => {
  const { server, memories } = await world(t);
  const memory = await memories.open({ embed });
  await memory.add("red", source(1), quietCall);
  const values = Array.from(wordsVector("foreign"));
  server.seed("auto-gpt", "", [{ id: "0", values, metadata: { raw_text: "of the original" } }]);
  server.seed("auto-gpt", "somebody", [{ id: "x", values }]);
  const other = await memories.open({ embed, aiName: "Bea" });
  await other.add("blue", source(1), quietCall);
  await memory.clear();
  await memory.add("green", source(2), quietCall);
  const wiped = await memories.open({ embed, wipe: true });
  assert.equal((await wiped.stats()).records, 0);
  assert.equal(server.rows("auto-gpt", namespaceOf("Ada")).size, 0);
  for (const namespace of ["", "somebody", namespaceOf("Bea")])
    assert.equal(server.rows("auto-gpt", namespace).size, 1);
});

for (const sayLsn of [true, false]) {
  const said = sayLsn ? "says how far it is" : "says nothing of it";
  test(`what this run added is recalled at once, and what it forgot is not, by a service that lags and ${said}`, async (t) => {
    const { server, memories } = await world(t, { sayLsn });
    const memory = await memories.open({ embed });
    await memory.add("red house", source(1), quietCall);
    assert.equal((await memory.stats()).records, 1);
    server.lag();
    const [id = ""] = await memory.addMany([{ text: "red boat", source: source(2) }], quietCall);
    await memory.add("long ".repeat(8_000), source(3), quietCall);
    assert.deepEqual(textsOf(await memory.recall("red boat", { count: 2 }, quietCall)), ["red boat", "red house"]);
    assert.deepEqual(
      textsOf(await memory.recall("red", { count: 5, unless: [{ run: "run-1", fromStep: 2 }] }, quietCall)),
      ["red house"],
    );
    assert.equal((await memory.stats()).records, 3);
    assert.equal(await memory.forget({ ids: [id] }), 1);
    assert.ok(!textsOf(await memory.recall("red boat", { count: 9 }, quietCall)).includes("red boat"));
    server.catchUp();
    assert.deepEqual(textsOf(await memory.recall("red boat", { count: 1 }, quietCall)), ["red house"]);
    server.lag();
    await memory.clear();
    assert.deepEqual(await memory.recall("red", { count: 9 }, quietCall), []);
    await memory.add("red again", source(4), quietCall);
    assert.deepEqual(textsOf(await memory.recall("red", { count: 9 }, quietCall)), ["red again"]);
    server.catchUp();
    assert.deepEqual(textsOf(await memory.recall("red", { count: 9 }, quietCall)), ["red again"]);
    assert.equal((await memory.stats()).records, 1);
  });
}

test("a service that lags shows another process its records after a while, and none twice", async (t) => {
  const { server, memories } = await world(t);
  const [one, two] = [await memories.open({ embed }), await memories.open({ embed })];
  await one.add("red one", source(1), quietCall);
  server.lag();
  await one.add("red two", source(2), quietCall);
  assert.deepEqual(textsOf(await two.recall("red", { count: 5 }, quietCall)), ["red one"]);
  server.catchUp();
  for (const memory of [one, two]) {
    assert.deepEqual(textsOf(await memory.recall("red", { count: 5 }, quietCall)).sort(), ["red one", "red two"]);
  }
});

test("many long records go in several requests, none larger than the service takes", async (t) => {
  const { server, memories } = await world(t);
  const wide: typeof embed = async (texts) =>
    texts.map((text) => {
      const words = wordsVector(text);
      return Float32Array.from({ length: 1536 }, (_, place) => (words[place % 64] ?? 0) + 0.01);
    });
  const memory = await memories.open({ embed: wide });
  const records = Array.from({ length: 40 }, (_, step) => ({
    text: `record ${step} ${"lorem ipsum 中文 ".repeat(700)}`,
    source: source(step),
  }));
  const ids = await memory.addMany(records, quietCall);
  assert.equal(new Set(ids).size, 40);
  assert.ok(server.requests.filter((request) => request === "POST /vectors/upsert").length > 1);
  assert.equal((await memory.stats()).records, 40);
  let seen = 0;
  for await (const { text, vectors } of memory.entries()) {
    assert.ok(records.some((record) => record.text === text));
    assert.ok(vectors.length > 1 && vectors.every((vector) => vector.length === 1536));
    seen += 1;
  }
  assert.equal(seen, 40);
});

test("a service that goes away: records wait on disk, recall says it, and they are delivered when it is back", async (t) => {
  const { server, memories } = await world(t);
  const memory = await memories.open({ embed });
  await memory.add("red one", source(1), quietCall);
  server.fail(503);
  await memory.add("red two", source(2), quietCall);
  await assert.rejects(memory.recall("red", { count: 5 }, quietCall), { name: "StoreDownError", message: /is down/ });
  assert.match(memories.warnings[0] ?? "", /is down.*pinecone-queue\.jsonl/);
  server.fail(null);
  assert.deepEqual(textsOf(await memory.recall("red", { count: 5 }, quietCall)).sort(), ["red one", "red two"]);
});

test("embedding anew replaces the vectors; another dimension needs another index", async (t) => {
  const { memories } = await world(t);
  const memory = await memories.open({ embed });
  await memory.add("red house", source(1), quietCall);
  await memory.add("blue boat", source(2), quietCall);
  const turned: typeof embed = async (texts) => texts.map((text) => wordsVector(text).map((value) => -value));
  assert.equal(await memory.reembed({ model: "turned", embed: turned }, quietCall), 2);
  assert.deepEqual(textsOf(await memory.recall("red house", { count: 1 }, quietCall)), ["red house"]);
  const reopened = memories.open({ embed });
  await assert.rejects(reopened, { name: "SettingsError", message: /made with turned.*memory reembed/s });
  const longer: typeof embed = async (texts) => texts.map(() => new Float32Array(65).fill(1));
  await assert.rejects(memory.reembed({ model: "longer", embed: longer }, quietCall), {
    name: "SettingsError",
    message: /has one dimension, 64, and longer gives 65.*MEMORY_INDEX/s,
  });
  assert.deepEqual(textsOf(await memory.recall("blue boat", { count: 1 }, quietCall)), ["blue boat"]);
});

test("what cannot work is said with the setting that mends it", async (t) => {
  const { server, memories } = await world(t);
  const address = { apiKey: server.apiKey, baseUrl: server.url, cloud: "aws", region: "us-east-1" } as const;
  const refused = (message: RegExp) => ({ name: "SettingsError", message });
  await assert.rejects(
    memories.open({ embed, address: { ...address, apiKey: undefined } }),
    refused(/PINECONE_API_KEY/),
  );
  await assert.rejects(
    memories.open({ embed, address: { ...address, apiKey: "pcsk_wrong_key" } }),
    (error: Error) => /PINECONE_API_KEY/.test(error.message) && !error.message.includes("pcsk_wrong_key"),
  );
  await assert.rejects(memories.open({ embed, index: "Auto_GPT" }), refused(/MEMORY_INDEX/));
  const elsewhere = await memories.open({ embed, address: { ...address, region: "us-west4" } });
  await assert.rejects(
    elsewhere.add("red", source(1), quietCall),
    refused(/us-west4.*PINECONE_CLOUD.*PINECONE_REGION/s),
  );
  const wordless = await memories.open({ chooseEmbedding: onlyEmbedding("words", null) });
  await assert.rejects(wordless.add("red", source(1), quietCall), refused(/EMBEDDING_PROVIDER/));
  const nowhere = memories.open({ embed, address: { ...address, baseUrl: "http://127.0.0.1:1" } });
  await assert.rejects(nowhere, refused(/PINECONE_API_BASE_URL/));
});
