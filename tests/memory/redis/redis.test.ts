import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openDeliveryQueue } from "../../../src/memory/queue/queue.js";
import { onlyEmbedding } from "../embedding/only-embedding.js";
import { memoryFolder } from "../../../src/memory/memory-folder.js";
import { freePort, startRedis, type RedisServer } from "../../support/services/redis-server.js";
import { source } from "../contract.js";
import { serviceMemories, quietCall } from "../service-memories.js";
import { redisAt } from "./service.js";
import { wordsEmbedding, wordsVector } from "../embedding/words-embedding.js";

const { embed } = wordsEmbedding();

async function world(t: TestContext, more: readonly string[] = []) {
  const server = await startRedis(t, more);
  return server === null ? null : { server, memories: await serviceMemories(t, redisAt(server)) };
}

const keysOf = async (server: RedisServer): Promise<string[]> =>
  ((await server.command("KEYS", "*")) as string[]).sort();

test("pitfall 9: foreign keys survive start, wipe and clear, and nothing of ours is left over", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { server, memories } = given;
  await server.command("SET", "somebody", "else's");
  await server.command("HSET", "auto-gpt:0", "data", "of the original");
  await server.command("SET", "auto-gpt2:vector:64:x", "1");
  const other = await memories.open({ aiName: "Bea", embed });
  await other.add("red", source(1), quietCall);
  const before = await keysOf(server);

  const memory = await memories.open({ embed });
  await memory.add("a red house", source(1), quietCall);
  await memory.add("word ".repeat(3_000), source(2), quietCall);
  assert.equal(await memory.forget({ ids: [(await memory.recall("house", { count: 1 }, quietCall))[0]?.id ?? ""] }), 1);
  assert.ok((await keysOf(server)).length > before.length);
  await memory.clear();
  assert.deepEqual(await keysOf(server), before);

  await memory.add("a blue boat", source(3), quietCall);
  const wiped = await memories.open({ embed, wipe: true });
  assert.equal((await wiped.stats()).records, 0);
  assert.deepEqual(await keysOf(server), before);
  assert.equal(await server.command("GET", "somebody"), "else's");
  assert.deepEqual(await other.recall("red", { count: 1 }, quietCall).then((found) => found.map(({ text }) => text)), [
    "red",
  ]);
});

test("a server that goes away: records wait on disk, recall says it, and they are delivered when it is back", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { server, memories } = given;
  const memory = await memories.open({ embed });
  await memory.add("red one", source(1), quietCall);
  await server.kill();
  await memory.add("red two", source(2), quietCall);
  await memory.addMany([{ text: "red three", source: source(3) }], quietCall);
  await assert.rejects(memory.recall("red", { count: 5 }, quietCall), {
    name: "StoreDownError",
    message: new RegExp(`^Redis at 127\\.0\\.0\\.1:${server.port} is down \\(.+\\)\\.$`),
  });
  assert.equal(memories.warnings.length, 1, "an outage is said once");
  assert.match(memories.warnings[0] ?? "", /is down.*redis-queue\.jsonl/);

  await server.start();
  const found = await until(() => memory.recall("red", { count: 5 }, quietCall));
  assert.deepEqual(found.map(({ text }) => text).sort(), ["red one", "red three", "red two"]);
  assert.match(memories.warnings[1] ?? "", /^2 memory records that had to wait are delivered\.$/);
});

test("a server that does not answer is waited for once, and a recall ends with the run", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { server, memories } = given;
  const memory = await memories.open({ embed, answerMs: 1_500 });
  await memory.add("red one", source(1), quietCall);
  server.pause();
  const abort = new AbortController();
  const recalled = memory.recall("red", { count: 1 }, { step: 1, signal: abort.signal });
  abort.abort(new Error("stopped by the user"));
  await assert.rejects(recalled, /stopped by the user/);
  await memory.add("red two", source(2), quietCall);
  assert.match(memories.warnings[0] ?? "", /is down \(it does not answer\)/);
  await assert.rejects(memory.recall("red", { count: 1 }, quietCall), { name: "StoreDownError" });
  await assert.rejects(memories.open({ embed, answerMs: 100 }), { name: "SettingsError", message: /cannot be used/ });
});

test("what could not be delivered is said at the end, and the next run delivers it", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { server, memories } = given;
  const first = await memories.open({ embed });
  await first.add("red one", source(1), quietCall);
  await server.kill();
  await first.add("red two", source(2), quietCall);
  await first.close();
  assert.match(memories.warnings.at(-1) ?? "", /^1 memory record could not be delivered.*the next run delivers it/);
  await server.start();
  const second = await memories.open({ embed });
  assert.equal((await second.stats()).records, 2);
  const third = await memories.open({ embed });
  assert.equal((await third.stats()).records, 2, "delivered once");
});

test("a record that was stored although its answer got lost is not stored twice", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { memories } = given;
  const memory = await memories.open({ embed });
  await memory.add("red", source(1), quietCall);
  const queue = openDeliveryQueue(
    join(memoryFolder(memories.directory, "auto-gpt", "Ada"), "redis-queue.jsonl"),
    assert.fail,
  );
  for await (const entry of memory.entries()) await queue.append([entry]);
  assert.equal(await queue.count(), 1);
  const next = await memories.open({ embed });
  assert.equal((await next.stats()).records, 1);
  assert.equal(await queue.count(), 0);
});

test("a memory of another model or dimension is refused, whoever was first", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { memories } = given;
  const [early, late] = [
    await memories.open({ embed }),
    await memories.open({ chooseEmbedding: onlyEmbedding("others", embed) }),
  ];
  await early.add("red", source(1), quietCall);
  const mends = /was made with words.*EMBEDDING_MODEL.*memory reembed/s;
  await assert.rejects(late.add("blue", source(2), quietCall), { name: "SettingsError", message: mends });
  const opening = memories.open({ chooseEmbedding: onlyEmbedding("others", embed) });
  await assert.rejects(opening, { name: "SettingsError", message: mends });
  const short = await memories.open({ embed: async (texts) => texts.map(() => new Float32Array([1, 2])) });
  await assert.rejects(short.add("blue", source(3), quietCall), {
    name: "SettingsError",
    message: /holds vectors of 64 numbers, and words now gives 2/,
  });
  assert.equal((await early.stats()).records, 1);
});

test("embedding anew leaves only the new vectors, and one that fails changes nothing", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { server, memories } = given;
  const memory = await memories.open({ embed });
  for (let step = 1; step <= 70; step += 1) await memory.add(`text ${step}`, source(step), quietCall);
  const keys = await keysOf(server);
  const longer = async (texts: readonly string[]): Promise<Float32Array[]> =>
    texts.map((text) => Float32Array.from([...wordsVector(text), 0.5]));
  let asked = 0;
  const failing = async (texts: readonly string[]): Promise<Float32Array[]> => {
    if ((asked += texts.length) > 64) throw new Error("the model is away");
    return longer(texts);
  };
  await assert.rejects(memory.reembed({ model: "longer", embed: failing }, quietCall), /the model is away/);
  assert.deepEqual(
    (await memory.recall("text 7", { count: 1 }, quietCall)).map(({ text }) => text),
    ["text 7"],
  );
  const progress: number[] = [];
  assert.equal(await memory.reembed({ model: "longer", embed: longer }, quietCall, (done) => progress.push(done)), 70);
  assert.equal(progress.at(-1), 70);
  const stats = await memory.stats();
  assert.deepEqual([stats.embeddingModel, stats.dimension, stats.records], ["longer", 65, 70]);
  assert.deepEqual(
    (await memory.recall("text 7", { count: 1 }, quietCall)).map(({ text }) => text),
    ["text 7"],
  );
  assert.equal((await keysOf(server)).length, keys.length, "as many keys as before");
  await memory.clear();
  assert.deepEqual(await keysOf(server), []);
});

test("without a model, words find what they stand in", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { memories } = given;
  const [memory, another] = [await memories.open(), await memories.open()];
  await memory.add("the red house", source(1), quietCall);
  await another.add("a blue boat", source(2), quietCall);
  const found = await memory.recall("which boat", { count: 5 }, quietCall);
  assert.deepEqual(
    found.map(({ text }) => text),
    ["a blue boat"],
  );
  assert.equal((await memory.stats()).dimension, 0);
});

test("what a running memory finds is the same as what a new one finds, after any mix of adding and forgetting", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { memories } = given;
  const [one, two] = [await memories.open({ embed }), await memories.open({ embed })];
  for (let step = 1; step <= 30; step += 1) {
    const [id = ""] = await one.addMany([{ text: `red ${step}`, source: source(step) }], quietCall);
    if (step % 3 === 0) await two.forget({ ids: [id] });
    if (step % 7 === 0) await one.recall("red", { count: 3 }, quietCall);
    if (step === 20) {
      await two.clear();
      await two.add("red after all", source(step), quietCall);
    }
  }
  const texts = async (memory: typeof one): Promise<string[]> =>
    (await memory.recall("red", { count: 100 }, quietCall)).map(({ text }) => text).sort();
  const expected = await texts(await memories.open({ embed }));
  assert.ok(expected.length > 5);
  assert.deepEqual(await texts(one), expected);
  assert.deepEqual(await texts(two), expected);
});

test("a server that cannot be used is a mistake of the settings, and no password is said", async (t) => {
  const port = await freePort();
  const nowhere = (await serviceMemories(t, redisAt({ port }))).open({ embed });
  await assert.rejects(nowhere, {
    name: "SettingsError",
    message: new RegExp(`127\\.0\\.0\\.1:${port}.*REDIS_HOST`, "s"),
  });
  const server = await startRedis(t, ["--requirepass", "right-password"]);
  if (server === null) return;
  const wrong = (await serviceMemories(t, redisAt({ url: `redis://:wrong-password@127.0.0.1:${server.port}/3` }))).open(
    { embed },
  );
  await assert.rejects(wrong, (error: Error) => {
    assert.match(error.message, /WRONGPASS/);
    assert.doesNotMatch(error.message, /wrong-password/);
    return error.name === "SettingsError";
  });
  const right = await serviceMemories(t, redisAt({ url: `redis://:right-password@127.0.0.1:${server.port}/3` }));
  const memory = await right.open({ embed });
  await memory.add("red", source(1), quietCall);
  assert.match((await memory.stats()).detail ?? "", /^Redis 7\.\S+ at 127\.0\.0\.1:\d+ without the query engine/);
});

/** Tries until it works; a connection comes back within a second. */
async function until<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const deadline = Date.now() + 10_000; ;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
