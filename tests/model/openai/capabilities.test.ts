import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { shapeMessages } from "../../../src/model/openai/request-body.js";
import { createModelServer } from "../../../src/model/http/server.js";
import { openServerCapabilities } from "../../../src/model/openai/learned/capability-file.js";
import { errorBody } from "../../support/services/fake-open-ai.js";
import { temporaryFolder } from "../../support/program.js";
import { ask, chatOn, replySchema, serve } from "../compose.js";
import type { Message } from "../../../src/model/model.js";

const user = (content: string): Message => ({ role: "user", content });
const assistant = (content: string): Message => ({ role: "assistant", content });
const system = (content: string): Message => ({ role: "system", content });

test("messages of one role are joined, and the system's opens the first user message where there is no such role", () => {
  const messages = [system("rules"), assistant("a"), user("b"), user("c"), assistant("d"), user("e")];
  assert.equal(shapeMessages(messages, "as-is"), messages);
  const turns = [assistant("a"), user("b\n\nc"), assistant("d"), user("e")];
  assert.deepEqual(shapeMessages(messages, "alternating"), [system("rules"), user("Begin."), ...turns]);
  assert.deepEqual(shapeMessages(messages, "no-system"), [user("rules"), ...turns]);
  assert.deepEqual(shapeMessages([system("one"), user("a"), system("two")], "alternating"), [
    system("one\n\ntwo"),
    user("a"),
  ]);
  assert.deepEqual(shapeMessages([user("a")], "no-system"), [user("a")]);
});

test("what was found out is kept for each address and model once the model has answered, and for a month", async (t) => {
  const file = join(await temporaryFolder(t), ".autogpt", "servers.json");
  const refused = { status: 400, body: errorBody("no", "unsupported_parameter", "temperature") };
  const server = await serve(t, { chat: () => "ok", faults: { 0: refused, 2: { status: 500, body: "" } } });
  const open = (now?: Date) => openServerCapabilities(file, server.url, () => now ?? new Date());
  const model = (name: string) => {
    const options = { baseUrl: server.url, timeoutMs: 60_000, capabilities: open() };
    return chatOn(server.url, name, { server: createModelServer(options), temperature: 0 });
  };
  await assert.rejects(model("one").send(ask("x", { replySchema })));
  assert.deepEqual(open().of("one").refused, [], "nothing is kept of a model that never answered");

  const one = model("one");
  server.requests.length = 0;
  await one.send(ask("x", { replySchema }));
  assert.equal(open().of("one").proven, true);
  assert.equal(open().of("one").usage, true);
  assert.deepEqual(open().of("two"), openServerCapabilities(file, "http://other/v1").of("one"));
  assert.equal(open(new Date(Date.now() + 29 * 86_400_000)).of("one").proven, true);
  assert.equal(open(new Date(Date.now() + 31 * 86_400_000)).of("one").proven, false);
  assert.equal(open(new Date(0)).of("one").proven, false, "nor where the clock was set back for longer");
});

test("a file of capabilities that is damaged or cannot be written is no error", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "servers.json");
  for (const content of [
    "",
    "{",
    "[]",
    '{"format": 1, "servers": {"a": {"m": {"refused": 3, "shape": "round", "learned": 1}}}}',
  ]) {
    await writeFile(file, content);
    const capabilities = openServerCapabilities(file, "a");
    assert.deepEqual(capabilities.of("m").refused, []);
    capabilities.learn("m", { refused: ["temperature"], proven: true });
    assert.deepEqual(openServerCapabilities(file, "a").of("m").refused, ["temperature"]);
  }
  await mkdir(join(folder, "folder.json"));
  const capabilities = openServerCapabilities(join(folder, "folder.json"), "a");
  capabilities.learn("m", { proven: true });
  assert.equal(capabilities.of("m").proven, true);
});

test("two runs that learn about different models at once both keep what they learned", async (t) => {
  const file = join(await temporaryFolder(t), "servers.json");
  const [one, two] = [openServerCapabilities(file, "http://a/v1"), openServerCapabilities(file, "http://a/v1")];
  one.learn("x", { shape: "alternating", proven: true });
  two.learn("y", { thinks: true, proven: true });
  const read = openServerCapabilities(file, "http://a/v1");
  assert.deepEqual([read.of("x").shape, read.of("y").thinks], ["alternating", true]);
  assert.doesNotMatch(await readFile(file, "utf8"), /sk-|key/i);
});

test("a refusal without a reason does not degrade a model that has answered before", async (t) => {
  const server = await serve(t, { chat: () => "ok", faults: { 1: { status: 400, body: errorBody("bad day") } } });
  const model = chatOn(server.url, "local");
  await model.send(ask("x", { replySchema }));
  await assert.rejects(model.send(ask("x", { replySchema })));
  await model.send(ask("x", { replySchema }));
  const [first, , third] = server.chatRequests().map(({ body }) => Object.keys(body ?? {}).sort());
  assert.deepEqual(third, first);
});
