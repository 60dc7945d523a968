import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openDeliveryQueue } from "../../../src/memory/queue/queue.js";
import { memoryFolder } from "../../../src/memory/memory-folder.js";
import { connectPinecone } from "../../../src/memory/pinecone/connection.js";
import { namespaceOf } from "../../../src/memory/pinecone/rows.js";
import type { Recalled } from "../../../src/memory/memory.js";
import { startFakePinecone } from "../../support/services/fake-pinecone.js";
import { source } from "../contract.js";
import { serviceMemories, quietCall } from "../service-memories.js";
import { pineconeAt } from "./service.js";
import { wordsEmbedding, wordsVector } from "../embedding/words-embedding.js";

const { embed } = wordsEmbedding();

async function world(t: TestContext) {
  const server = await startFakePinecone();
  t.after(() => server.close());
  return { server, memories: await serviceMemories(t, pineconeAt(server)) };
}

const textsOf = (found: readonly Recalled[]): string[] => found.map(({ text }) => text);

test("more records than the service looks for are asked for as many as it does", async (t) => {
  const { memories } = await world(t);
  const memory = await memories.open({ embed });
  await memory.add("red", source(1), quietCall);
  assert.deepEqual(textsOf(await memory.recall("red", { count: 20_000 }, quietCall)), ["red"]);
});

test("records of another model that waited are not mixed in", async (t) => {
  const { server, memories } = await world(t);
  await (await memories.open({ embed })).add("red", source(1), quietCall);
  const file = join(memoryFolder(memories.directory, "auto-gpt", "Ada"), "pinecone-queue.jsonl");
  const waiting = { id: "waits", text: "blue", source: source(2), time: "2026-11-23T00:00:00.000Z" };
  const queue = openDeliveryQueue(file, assert.fail);
  const vectors = [wordsVector("blue")];
  await queue.append([{ ...waiting, embeddingModel: "others", dimension: 64, vectors }]);
  const late = await memories.open({ embed });
  assert.match(memories.warnings.at(-1) ?? "", /cannot be delivered: .*was made with words/);
  assert.equal((await late.stats()).records, 1);
  assert.equal(server.rows("auto-gpt", namespaceOf("Ada")).size, 1);
  assert.equal(await queue.count(), 1);
});

test("an id that the service cannot have is refused before anything is stored", async (t) => {
  const { memories } = await world(t);
  const memory = await memories.open({ embed });
  async function* outside() {
    yield { id: "ünï", text: "red", source: source(1), time: "2026-11-23T00:00:00.000Z" };
  }
  await assert.rejects(memory.import(outside(), quietCall), { name: "SettingsError", message: /printable ASCII.*ünï/ });
  assert.equal((await memory.stats()).records, 0);
});

for (const [what, answer, least, most] of [
  ["wants to be left alone for long", (response: ServerResponse) => busy(response), 0, 4_000],
  ["answers with the page of somebody else", (response: ServerResponse) => void response.end("<html>"), 0, 4_000],
  ["does not answer", () => undefined, 300, 4_000],
] as const) {
  test(`a service that ${what} counts as away, and soon`, async (t) => {
    const server = createServer((_request, response) => void answer(response)).listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => (server.close(), server.closeAllConnections()));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const address = { apiKey: "pcsk_x", baseUrl, cloud: "aws", region: "us-east-1" } as const;
    const place = { address, index: "auto-gpt", namespace: "ada", answerMs: 300 };
    const connection = await connectPinecone(place);
    t.after(() => connection.close());
    const start = Date.now();
    await assert.rejects(connection.find(), { name: "StoreDownError", message: /is down/ });
    assert.ok(Date.now() - start >= least && Date.now() - start < most, `${Date.now() - start} ms`);
  });
}

function busy(response: ServerResponse): void {
  response.writeHead(429, { "retry-after": "999999" });
  response.end("later");
}
