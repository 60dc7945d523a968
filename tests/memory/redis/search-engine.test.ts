import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Embed } from "../../../src/memory/memory.js";
import { startFakeRedisSearch } from "../../support/services/fake-redis-search.js";
import { startRedis } from "../../support/services/redis-server.js";
import { source } from "../contract.js";
import { serviceMemories, quietCall } from "../service-memories.js";
import { redisAt } from "./service.js";
import { wordsEmbedding } from "../embedding/words-embedding.js";

const { embed } = wordsEmbedding();

/** Memories on one server, with the query engine and without. */
async function world(t: TestContext) {
  const server = await startRedis(t);
  if (server === null) return null;
  const engine = await startFakeRedisSearch(t, server.port);
  return { engine, here: await serviceMemories(t, redisAt(server)), there: await serviceMemories(t, redisAt(engine)) };
}

const names = (commands: readonly string[][]): string[] => commands.map(([name = ""]) => name);

test("one index for all memories of a dimension is made, in our part of the server, and searched by AI", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { engine, there } = given;
  const [ada, bea] = [await there.open({ embed }), await there.open({ embed, aiName: "Bea" })];
  await ada.add("red house", source(1), quietCall);
  await bea.add("red boat", source(1), quietCall);
  assert.deepEqual(
    (await ada.recall("red", { count: 5 }, quietCall)).map(({ text }) => text),
    ["red house"],
  );
  assert.deepEqual(
    (await bea.recall("red", { count: 5 }, quietCall)).map(({ text }) => text),
    ["red boat"],
  );
  const made = engine.commands.filter(([name]) => name === "FT.CREATE");
  assert.deepEqual(made, [
    [
      ...["FT.CREATE", "auto-gpt:vector:64", "ON", "HASH", "PREFIX", "1", "auto-gpt:vector:64:", "SCHEMA"],
      ...["vector", "VECTOR", "FLAT", "6", "TYPE", "FLOAT32", "DIM", "64", "DISTANCE_METRIC", "COSINE"],
      ...["memory", "TAG", "run", "TAG", "step", "NUMERIC"],
    ],
  ]);
  assert.equal(names(engine.commands).filter((name) => name === "FT.SEARCH").length, 2);
  assert.match((await ada.stats()).detail ?? "", /^Redis .* with the query engine$/);
});

test("the engine gives what the exact search here gives, and both work on the same records", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { here, there } = given;
  let seed = 7;
  const random = (): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31 - 0.5;
  const vectors = new Map<string, Float32Array>();
  const anyVectors: Embed = async (texts) =>
    texts.map((text) => {
      const vector = vectors.get(text) ?? Float32Array.from({ length: 24 }, random);
      vectors.set(text, vector);
      return vector;
    });
  const [plain, engine] = [await here.open({ embed: anyVectors }), await there.open({ embed: anyVectors })];
  const many = (from: number, run: string) =>
    Array.from({ length: 60 }, (_, index) => ({ text: `text ${from + index}`, source: source(index, run) }));
  await plain.addMany(many(0, "run-1"), quietCall);
  await engine.addMany(many(100, "run-2"), quietCall);
  for (let query = 0; query < 25; query += 1) {
    const options = { count: 7, ...(query % 2 ? { unless: [{ run: `run-${1 + (query % 3)}`, fromStep: 20 }] } : {}) };
    const [found, expected] = await Promise.all([
      engine.recall(`query ${query}`, options, quietCall),
      plain.recall(`query ${query}`, options, quietCall),
    ]);
    assert.deepEqual(
      found.map(({ text }) => text),
      expected.map(({ text }) => text),
    );
    found.forEach(({ score }, place) => assert.ok(Math.abs(score - (expected[place]?.score ?? 0)) < 1e-5));
  }
});

test("while the engine is still filling its index, the search is done here", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { engine, there } = given;
  const memory = await there.open({ embed });
  await memory.add("red house", source(1), quietCall);
  engine.indexed(0.4);
  const texts = async (): Promise<string[]> =>
    (await memory.recall("red", { count: 1 }, quietCall)).map(({ text }) => text);
  assert.deepEqual(await texts(), ["red house"]);
  assert.ok(!names(engine.commands).includes("FT.SEARCH"));
  engine.indexed(1);
  assert.deepEqual(await texts(), ["red house"]);
  assert.ok(names(engine.commands).includes("FT.SEARCH"));
});

test("an engine that refuses a search is said once, and the search is done here", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { engine, there } = given;
  const memory = await there.open({ embed });
  await memory.add("red house", source(1), quietCall);
  engine.refuse();
  for (let time = 0; time < 2; time += 1) {
    assert.deepEqual(
      (await memory.recall("red", { count: 1 }, quietCall)).map(({ text }) => text),
      ["red house"],
    );
  }
  assert.equal(there.warnings.length, 1);
  assert.match(there.warnings[0] ?? "", /refused a search \(Syntax error.*the search is done here/);
});
