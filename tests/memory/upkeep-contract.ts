import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import type { Embed, ImportedRecord, OpenedMemory, MemorySource, StoredRecord } from "../../src/memory/memory.js";
import type { Tried } from "./contract.js";
import { wordsEmbedding, wordsVector } from "./embedding/words-embedding.js";

const call = { step: 1, signal: new AbortController().signal };
const from = (run: string, more: Partial<MemorySource> = {}): MemorySource => ({ run, step: 1, kind: "step", ...more });

async function all(memory: OpenedMemory): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for await (const record of memory.entries()) records.push(record);
  return records;
}

/** Three numbers for each text: so few that it cannot be mistaken for the words' embedding. */
const lettersEmbed: Embed = async (texts) =>
  texts.map((text) => new Float32Array(["a", "e", "o"].map((letter) => 0.1 + text.split(letter).length)));

async function* handed(records: readonly ImportedRecord[]): AsyncGenerator<ImportedRecord> {
  yield* records;
}

/** What every memory promises to those who look after it. */
export function upkeepContract(tried: Tried): void {
  manyAtOnce(tried);
  forgettingSome(tried);
  movingRecords(tried);
  changingModels(tried);
  if (tried.needsVectors) refusingWords(tried);
  else byWords(tried);
}

function manyAtOnce({ name, open, place, texts }: Tried): void {
  test(`${name}: takes many records at once, with an id each and few requests`, async (t) => {
    const where = await place(t);
    const { embed, asked } = wordsEmbedding();
    let requests = 0;
    const memory = await open(where, "Ada", (given, how) => ((requests += 1), embed(given, how)));
    const names = Array.from({ length: 70 }, (_, number) => `thing ${number}`);
    const ids = await memory.addMany(
      ["", " \n", ...names].map((text, step) => ({ text, source: from("run-1", { step }) })),
      call,
    );
    assert.equal(new Set(ids).size, names.length);
    assert.deepEqual(asked, names);
    assert.ok(requests <= 3, `${requests} requests`);
    assert.deepEqual(await memory.addMany([], call), []);
    const reopened = await open(where, "Ada", wordsEmbedding().embed);
    assert.deepEqual((await all(reopened)).map(({ id }) => id).sort(), [...ids].sort());
    assert.deepEqual(await texts(reopened, "thing 42", 1), ["thing 42"]);
    const [best] = await reopened.recall("thing 42", { count: 1 }, call);
    assert.equal(best?.id, ids[42]);
  });

  test(`${name}: a failing embedding in the midst of many adds none of them`, async (t) => {
    const { embed } = wordsEmbedding();
    let requests = 0;
    const memory = await open(await place(t), "Ada", async (given, how) => {
      requests += 1;
      if (requests > 1) throw new Error("the server is down");
      return embed(given, how);
    });
    const records = Array.from({ length: 70 }, (_, step) => ({
      text: `thing ${step}`,
      source: from("run-1", { step }),
    }));
    await assert.rejects(memory.addMany(records, call), /the server is down/);
    assert.equal((await memory.stats()).records, 0);
    assert.deepEqual(await all(memory), []);
  });

  test(`${name}: pitfall 15: recalls no text twice, however often it was added`, async (t) => {
    const memory = await open(await place(t), "Ada", wordsEmbedding().embed);
    const repeated = Array.from({ length: 60 }, (_, step) => ({ text: "red house", source: from("run-1", { step }) }));
    await memory.addMany([...repeated, { text: "red boat", source: from("run-1") }], call);
    assert.deepEqual(await texts(memory, "red house", 5), ["red house", "red boat"]);
    assert.deepEqual(await memory.recall("red house", { count: 0 }, call), []);
  });
}

function forgettingSome({ name, open, place, texts }: Tried): void {
  test(`${name}: forgets what a filter holds for, and that alone`, async (t) => {
    const where = await place(t);
    const memory = await open(where, "Ada", wordsEmbedding().embed);
    const other = await open(where, "Bob", wordsEmbedding().embed);
    await other.add("red zero", from("run-1"), call);
    const [one = ""] = await memory.addMany([{ text: "red one", source: from("run-1") }], call);
    await memory.add("red two", from("run-2"), call);
    await memory.add("red three", from("run-2", { kind: "note" }), call);
    await memory.add("red four", from("run-3", { kind: "file", from: "a/b.txt" }), call);
    await memory.add("red five", from("run-3", { kind: "file", from: "c.txt" }), call);
    const left = async (): Promise<string[]> => (await texts(memory, "red")).sort();

    assert.equal(await memory.forget({}), 0);
    assert.equal(await memory.forget({ run: "run-9" }), 0);
    assert.equal(await memory.forget({ ids: [one], run: "run-2" }), 0, "all fields have to hold");
    assert.equal((await memory.stats()).records, 5);
    assert.equal(await memory.forget({ ids: [one, randomUUID()] }), 1);
    assert.deepEqual(await left(), ["red five", "red four", "red three", "red two"]);
    assert.equal(await memory.forget({ run: "run-2", kind: "note" }), 1);
    assert.equal(await memory.forget({ from: "a/b.txt" }), 1);
    assert.deepEqual(await left(), ["red five", "red two"]);
    assert.equal(await memory.forget({ before: "2001-01-01T00:00:00.000Z" }), 0);
    assert.equal(await memory.forget({ before: new Date(Date.now() + 1000).toISOString() }), 2);
    assert.deepEqual(await left(), []);
    assert.deepEqual(await texts(other, "red"), ["red zero"]);

    await memory.add("red again", from("run-4"), call);
    assert.deepEqual(await texts(await open(where, "Ada", wordsEmbedding().embed), "red"), ["red again"]);
  });
}

function movingRecords({ name, open, place, texts }: Tried): void {
  test(`${name}: gives out its records whole, oldest first, and takes them in elsewhere without embedding`, async (t) => {
    const [here, there] = [await place(t), await place(t)];
    const memory = await open(here, "Ada", wordsEmbedding().embed);
    const long = "the needle lies here ".repeat(400);
    await memory.add("red house", from("run-1", { step: 3, kind: "file", from: "house.txt" }), call);
    await memory.add(long, from("run-1", { kind: "page", from: "https://example.com/" }), call);
    const records = await all(memory);
    assert.deepEqual(
      records.map(({ text, source, embeddingModel, dimension }) => ({ text, source, embeddingModel, dimension })),
      [
        { text: "red house", source: from("run-1", { step: 3, kind: "file", from: "house.txt" }) },
        { text: long, source: from("run-1", { kind: "page", from: "https://example.com/" }) },
      ].map((record) => ({ ...record, embeddingModel: "words", dimension: 64 })),
    );
    assert.ok((records[1]?.vectors.length ?? 0) > 1, "a long text has several vectors");
    for (const vector of records.flatMap(({ vectors }) => vectors))
      assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5);

    const { embed, asked } = wordsEmbedding();
    const copy = await open(there, "Ada", embed);
    assert.deepEqual(await copy.import(handed(records), call), { added: 2, skipped: 0 });
    assert.deepEqual(asked, []);
    assert.deepEqual(await copy.import(handed(records), call), { added: 0, skipped: 2 });
    assert.deepEqual((await all(copy)).map(plain), records.map(plain));
    assert.deepEqual(await texts(copy, "needle lies", 1), [long]);
  });

  test(`${name}: embeds what is taken in where its vectors are of another model, or none`, async (t) => {
    const memory = await open(await place(t), "Ada", wordsEmbedding().embed);
    const record = (text: string, more: Partial<ImportedRecord>): ImportedRecord => ({
      id: randomUUID(),
      text,
      source: from("run-1"),
      time: "2026-01-02T03:04:05.678Z",
      ...more,
    });
    const given = [
      record("red house", {}),
      record("blue boat", { embeddingModel: "other", vectors: [new Float32Array([1, 0])] }),
      record("green hill", { embeddingModel: "words", vectors: [new Float32Array([1, NaN])] }),
    ];
    assert.deepEqual(await memory.import(handed(given), call), { added: 3, skipped: 0 });
    assert.deepEqual(await texts(memory, "blue boat", 1), ["blue boat"]);
    assert.deepEqual(
      (await all(memory)).map(({ id, time, dimension }) => ({ id, time, dimension })).sort(byId),
      given.map(({ id, time }) => ({ id, time, dimension: 64 })).sort(byId),
    );
  });
}

const byId = (one: { id: string }, other: { id: string }): number => (one.id < other.id ? -1 : 1);

/** A record without what a service may round: the last digits of its vectors. */
const plain = ({ id, text, source, time, vectors }: StoredRecord) => ({
  id,
  text,
  source,
  time,
  vectors: vectors.length,
});

/** As many numbers as the words' embedding has, in other places. */
const mirroredEmbed: Embed = async (texts) => texts.map((text) => wordsVector(text).reverse());

function changingModels({ name, open, place, texts, oneDimension }: Tried): void {
  test(`${name}: refuses another model, and goes on with it once everything is embedded anew`, async (t) => {
    const where = await place(t);
    const memory = await open(where, "Ada", wordsEmbedding().embed);
    await memory.addMany(
      ["aaaa", "eeee", "oooo"].map((text) => ({ text, source: from("run-1") })),
      call,
    );
    const before = (await all(memory)).map(({ id, time }) => ({ id, time }));
    const progress: string[] = [];
    const embedding = { model: "letters", embed: oneDimension ? mirroredEmbed : lettersEmbed };
    assert.equal(await memory.reembed(embedding, call, (done, count) => progress.push(`${done}/${count}`)), 3);
    assert.equal(progress.at(-1), "3/3");

    assert.deepEqual(
      (await all(memory)).map(({ id, time }) => ({ id, time })),
      before,
    );
    const { embeddingModel, dimension, records } = await memory.stats();
    assert.deepEqual(
      { embeddingModel, dimension, records },
      { embeddingModel: "letters", dimension: oneDimension ? 64 : 3, records: 3 },
    );
    assert.deepEqual(await texts(memory, "eeee", 1), ["eeee"]);
    await memory.add("aeaeae", from("run-2"), call);
    assert.equal((await memory.stats()).records, 4);
    await assert.rejects(open(where, "Ada", wordsEmbedding().embed), {
      name: "SettingsError",
      message: /made with letters, and EMBEDDING_MODEL is now words.*memory reembed/,
    });
  });

  test(`${name}: an embedding anew that fails leaves everything as it was`, async (t) => {
    const memory = await open(await place(t), "Ada", wordsEmbedding().embed);
    await memory.add("red house", from("run-1"), call);
    const failing: Embed = () => Promise.reject(new Error("the server is down"));
    await assert.rejects(memory.reembed({ model: "letters", embed: failing }, call), /the server is down/);
    assert.equal((await memory.stats()).embeddingModel, "words");
    assert.deepEqual(await texts(memory, "red house"), ["red house"]);
  });

  test(`${name}: vectors of another length are refused and change nothing`, async (t) => {
    const where = await place(t);
    await (await open(where, "Ada", wordsEmbedding().embed)).add("red house", from("run-1"), call);
    const memory = await open(where, "Ada", lettersEmbed);
    const refusal = { name: "SettingsError", message: /64 numbers.*now gives 3.*memory reembed/ };
    await assert.rejects(memory.add("blue boat", from("run-1"), call), refusal);
    await assert.rejects(memory.recall("red house", { count: 1 }, call), refusal);
    assert.equal((await memory.stats()).records, 1);
  });
}

function byWords({ name, open, place, texts }: Tried): void {
  test(`${name}: recalls by words where nothing embeds`, async (t) => {
    const where = await place(t);
    const memory = await open(where, "Ada", null);
    await memory.addMany(
      ["the red house", "a blue boat", "the green hill"].map((text) => ({ text, source: from("run-1") })),
      call,
    );
    assert.deepEqual(await texts(memory, "boats and a boat", 1), ["a blue boat"]);
    await memory.add("a second boat", from("run-1", { step: 9 }), call);
    const found = await memory.recall("boat", { count: 9, unless: [{ run: "run-1", fromStep: 9 }] }, call);
    assert.deepEqual(
      found.map(({ text }) => text),
      ["a blue boat"],
    );
    const reopened = await open(where, "Ada", null);
    assert.deepEqual((await texts(reopened, "boat")).sort(), ["a blue boat", "a second boat"]);
    assert.equal((await reopened.stats()).records, 4);
  });
}

function refusingWords({ name, open, place }: Tried): void {
  test(`${name}: says so where nothing embeds`, async (t) => {
    const where = await place(t);
    const use = async (): Promise<boolean> =>
      (await open(where, "Ada", null)).add("the red house", from("run-1"), call);
    await assert.rejects(use(), { name: "SettingsError", message: /EMBEDDING_PROVIDER/ });
  });
}
