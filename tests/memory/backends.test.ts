import assert from "node:assert/strict";
import { test } from "node:test";
import { onlyEmbedding } from "./embedding/only-embedding.js";
import { memoryBackends, openMemory } from "../../src/memory/backends.js";
import { startFakePinecone } from "../support/services/fake-pinecone.js";
import { temporaryFolder } from "../support/program.js";
import { freePort, startRedis } from "../support/services/redis-server.js";
import { wordsEmbedding } from "./embedding/words-embedding.js";

test("opens the memory that is named, and no other in its place", async (t) => {
  const redis = await startRedis(t);
  if (redis === null) return;
  const pinecone = await startFakePinecone();
  t.after(() => pinecone.close());
  const options = {
    directory: await temporaryFolder(t),
    index: "auto-gpt",
    aiName: "Ada",
    chooseEmbedding: onlyEmbedding("words", wordsEmbedding().embed),
    warn: (message: string) => assert.fail(message),
    redis: { host: "127.0.0.1", port: redis.port, tls: false },
    pinecone: { apiKey: pinecone.apiKey, baseUrl: pinecone.url, cloud: "aws", region: "us-east-1" } as const,
  };
  for (const backend of memoryBackends) {
    const memory = await openMemory(backend, options);
    assert.equal((await memory.stats()).backend, backend);
    await memory.close();
  }
  const nowhere = { host: "127.0.0.1", port: await freePort(), tls: false };
  await assert.rejects(openMemory("redis", { ...options, redis: nowhere }), { name: "SettingsError" });
  const keyless = { ...options.pinecone, apiKey: undefined };
  await assert.rejects(openMemory("pinecone", { ...options, pinecone: keyless }), { name: "SettingsError" });
});
