import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { SettingsError } from "../../../src/errors.js";
import { openDeliveryQueue } from "../../../src/memory/queue/queue.js";
import { importedRecord } from "../../../src/memory/exchange.js";
import { memoryFolder } from "../../../src/memory/memory-folder.js";
import { startRedis, type RedisServer } from "../../support/services/redis-server.js";
import { source } from "../contract.js";
import { serviceMemories, quietCall } from "../service-memories.js";
import { redisAt } from "./service.js";
import { wordsEmbedding } from "../embedding/words-embedding.js";

const { embed } = wordsEmbedding();

async function world(t: TestContext) {
  const server = await startRedis(t);
  return server === null ? null : { server, memories: await serviceMemories(t, redisAt(server)) };
}

const keysOf = async (server: RedisServer): Promise<string[]> =>
  ((await server.command("KEYS", "*")) as string[]).sort();

test("a full server is still read, forgets what it is told to, and gets what waits when it has room", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { server, memories } = given;
  const memory = await memories.open({ embed });
  await memory.addMany(
    ["red one", "red two"].map((text, step) => ({ text, source: source(step) })),
    quietCall,
  );
  await server.command("CONFIG", "SET", "maxmemory", "1mb");
  await memory.add("red three", source(3), quietCall);
  assert.match(memories.warnings[0] ?? "", /takes nothing in now \(OOM .*redis-queue\.jsonl/);
  const texts = async (from: typeof memory): Promise<string[]> =>
    (await from.recall("red", { count: 9 }, quietCall)).map(({ text }) => text).sort();
  assert.deepEqual(await texts(memory), ["red one", "red two"]);
  const late = await memories.open({ embed });
  assert.deepEqual(await texts(late), ["red one", "red two"]);
  assert.match((await late.stats()).detail ?? "", /1 memory record waits in/);
  assert.equal(await late.forget({ before: new Date(Date.now() + 1000).toISOString() }), 2);
  await server.command("CONFIG", "SET", "maxmemory", "0");
  assert.deepEqual(await texts(late), ["red three"]);
});

test("what waits with another model than the memory's stays, and can be imported", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { memories } = given;
  const [memory, others] = [await memories.open({ embed }), memories.directory];
  await memory.add("red house", source(1), quietCall);
  const file = join(memoryFolder(others, "auto-gpt", "Ada"), "redis-queue.jsonl");
  const vectors = [Float32Array.from([1, 0])];
  const waiting = { id: "waits", text: "blue boat", source: source(2), time: "2026-11-23T00:00:00.000Z" };
  const queue = openDeliveryQueue(file, assert.fail);
  await queue.append([{ ...waiting, embeddingModel: "others", dimension: 2, vectors }]);
  const next = await memories.open({ embed });
  assert.match(memories.warnings.at(-1) ?? "", /cannot be delivered: .*autogpt memory import \S+redis-queue\.jsonl/);
  assert.equal((await next.stats()).records, 1);
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  async function* exported() {
    for (const line of lines) yield importedRecord(JSON.parse(line)) ?? assert.fail(line);
  }
  assert.deepEqual(await next.import(exported(), quietCall), { added: 1, skipped: 0 });
  assert.equal((await (await memories.open({ embed })).recall("blue boat", { count: 1 }, quietCall))[0]?.id, "waits");
  assert.equal(await queue.count(), 0, "what is there need not wait");
});

test("a record that somebody has damaged on the server is left out, and the others are found", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { server, memories } = given;
  const memory = await memories.open({ embed });
  const ids = await memory.addMany(
    ["red one", "red two", "red three"].map((text, step) => ({ text, source: source(step) })),
    quietCall,
  );
  const keys = await keysOf(server);
  for (const [place, damage] of ["{bad", "null"].entries()) {
    const key = keys.find((name) => name.endsWith(`record:${ids[place]}`)) ?? "";
    await server.command("HSET", key, "source", damage);
  }
  const late = await memories.open({ embed });
  assert.deepEqual(
    (await late.recall("red", { count: 9 }, quietCall)).map(({ text }) => text),
    ["red three"],
  );
  for await (const { text } of late.entries()) assert.equal(text, "red three");
});

test("what the server refuses, and an address that cannot be read, are mistakes of the settings", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { server, memories } = given;
  await (await memories.open({ embed })).add("red", source(1), quietCall);
  const ids = (await keysOf(server)).find((name) => name.endsWith(":ids")) ?? "";
  await server.command("SET", ids, "no sorted set");
  await assert.rejects((await memories.open({ embed })).stats(), {
    reason: "settings",
    message: /refuses what memory needs: WRONGTYPE.*MEMORY_INDEX/,
  });
  const unreadable = (await serviceMemories(t, redisAt({ url: `redis://:p%zz-secret@127.0.0.1:${server.port}` }))).open(
    { embed },
  );
  await assert.rejects(unreadable, (error: Error) => {
    assert.match(error.message, /REDIS_URL cannot be read.*%25/);
    assert.doesNotMatch(error.message, /zz-secret/);
    return error.name === "SettingsError";
  });
});

test("a database that is no number, or that the server has not, is refused in words", async (t) => {
  const server = await startRedis(t);
  if (server === null) return;
  const openAt = async (path: string) =>
    (await serviceMemories(t, redisAt({ url: `redis://127.0.0.1:${server.port}${path}` }))).open({ embed });
  await assert.rejects(openAt("/99"), (error) => {
    assert.ok(error instanceof SettingsError);
    assert.match(error.message, /has no database 99 \(.*out of range.*\)\. Name another one in REDIS_URL/);
    return true;
  });
  await assert.rejects(openAt("/abc"), (error) => {
    assert.ok(error instanceof SettingsError);
    assert.match(error.message, /names the database "abc", which is no number/);
    return true;
  });
  const memory = await openAt("/3");
  await memory.add("red", source(1), quietCall);
  assert.match(String(await server.command("INFO", "keyspace")), /^db3:/m);
});

test("a server that throws records out when it is full is named at the start, and only what is there is counted", async (t) => {
  const given = await world(t);
  if (given === null) return;
  const { server, memories } = given;
  await server.command("CONFIG", "SET", "maxmemory", "64mb");
  await server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
  const memory = await memories.open({ embed });
  assert.match(memories.warnings[0] ?? "", /throws out records .*allkeys-random.*Set maxmemory-policy noeviction/);
  await memory.addMany(
    ["red one", "red two"].map((text, step) => ({ text, source: source(step) })),
    quietCall,
  );
  const [record] = (await keysOf(server)).filter((key) => key.includes(":record:"));
  await server.command("DEL", record as string);
  const { records, detail } = await memory.stats();
  assert.equal(records, 1);
  assert.match(detail ?? "", /1 of 2 were thrown out by the server/);
  assert.equal((await memory.recall("red", { count: 9 }, quietCall)).length, 1);
});
