import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openServerCapabilities } from "../../../src/model/openai/learned/capability-file.js";
import { createModelServer } from "../../../src/model/http/server.js";
import { createCatalog } from "../../../src/model/catalog/catalog.js";
import { temporaryFolder } from "../../support/program.js";
import { errorBody, type Fault, type RecordedRequest } from "../../support/services/fake-open-ai.js";
import { ask, chatOn, connect, failure, replySchema, runOn, serve } from "../compose.js";

const responses = { api: "responses" } as const;
const sentTo = (requests: readonly RecordedRequest[]): string[] =>
  requests.map(({ path }) => path.replace(/^\/v1/, ""));

test("messages are items, the form of the reply and the effort have their places, and nothing is stored", async (t) => {
  const server = await serve(t, { chat: () => "{}" });
  const messages = [
    { role: "system" as const, content: "You are" },
    { role: "assistant" as const, content: "I did" },
    { role: "user" as const, content: "it worked" },
    { role: "user" as const, content: "now?" },
  ];
  const request = ask("", { messages, replySchema, answerTokens: 900, repeated: { messages: 3, key: "run-1" } });
  await chatOn(server.url, "gpt-6.1-terra", { ...responses, reasoningEffort: "high", temperature: 0.5 }).send(request);
  const marked = (text: string) => [{ type: "input_text", text, prompt_cache_breakpoint: { mode: "explicit" } }];
  assert.deepEqual(server.requests[0]?.responses, {
    model: "gpt-6.1-terra",
    input: [
      { type: "message", role: "system", content: marked("You are") },
      { type: "message", role: "assistant", content: "I did" },
      { type: "message", role: "user", content: marked("it worked") },
      { type: "message", role: "user", content: "now?" },
    ],
    max_output_tokens: 900,
    stream: true,
    store: false,
    include: ["reasoning.encrypted_content"],
    prompt_cache_options: { mode: "explicit" },
    prompt_cache_key: "run-1",
    reasoning: { effort: "high" },
    text: { format: { type: "json_schema", ...replySchema } },
  });
  await chatOn(server.url, "gpt-4o", { ...responses, temperature: 0 }).send(ask("x", { purpose: "summary" }));
  assert.deepEqual(server.requests[1]?.responses, {
    ...{ model: "gpt-4o", input: [{ type: "message", role: "user", content: "x" }] },
    ...{ max_output_tokens: 4000, temperature: 0, stream: true, store: false },
  });
});

test("the answer, its usage and its pieces are those that Chat Completions would have given", async (t) => {
  const server = await serve(t, { chat: () => "some words of an answer that comes in pieces", cache: true });
  const long = { role: "system" as const, content: "word ".repeat(3000) };
  const said = async (api: "chat" | "responses") => {
    const model = chatOn(server.url, "gpt-6.1-terra", { api });
    const pieces: (string | null)[] = [];
    const onText = (piece: string | null): void => void pieces.push(piece);
    const messages = [long, { role: "user" as const, content: "one" }];
    const answers = [await model.send(ask("", { messages, onText })), await model.send(ask("", { messages }))];
    return { answers, text: pieces.join("") };
  };
  const [chat, other] = [await said("chat"), await said("responses")];
  assert.deepEqual({ ...other, answers: other.answers.slice(1) }, { ...chat, answers: chat.answers.slice(1) });
  assert.ok((other.answers[1]?.usage.cachedTokens ?? 0) >= 3000);
});

test("auto asks Chat Completions, and Responses where the server says so, then and in the next run", async (t) => {
  const told = "This model is only supported in v1/responses and not in v1/chat/completions.";
  const only: Fault = { status: 404, body: errorBody(told, null, "model", "invalid_request_error") };
  const faults = ({ path }: RecordedRequest): Fault | undefined => (path.includes("/chat/") ? only : undefined);
  const server = await serve(t, { chat: () => "ok", faults });
  const file = join(await temporaryFolder(t), "servers.json");
  const ofRun = () =>
    createModelServer({
      ...{ baseUrl: server.url, timeoutMs: 60_000 },
      capabilities: openServerCapabilities(file, server.url),
    });
  for (const run of ["first", "second"]) {
    const model = chatOn(server.url, "gpt-7-pro", { api: "auto", server: ofRun() });
    const first = await model.send(ask()).catch((thrown: unknown) => thrown);
    if (first instanceof Error) assert.match(first.message, /asked by the Responses API/);
    assert.equal((await model.send(ask())).text, "ok", run);
  }
  const [moved, ...later] = sentTo(server.requests);
  assert.equal(moved, "/chat/completions");
  assert.deepEqual(later, ["/responses", "/responses", "/responses"]);
});

test("auto asks Responses at once where the catalog says so, and never where that is not in question", async (t) => {
  const server = await serve(t, { chat: () => "ok" });
  const entry = { ...createCatalog().get("gpt-6.1-terra"), api: "responses" as const };
  await chatOn(server.url, entry.name, { api: "auto", entry }).send(ask());
  await chatOn(server.url, "gpt-6.1-terra", { api: "auto" }).send(ask());
  await chatOn(server.url, entry.name, { api: "chat", entry }).send(ask());
  assert.deepEqual(sentTo(server.requests), ["/responses", "/chat/completions", "/chat/completions"]);
});

test("a server without Chat Completions is asked for Responses once; one with neither is given up after that", async (t) => {
  const gone: Fault = { status: 404, body: { detail: "Not Found" } };
  const open = await serve(t, { chat: () => "ok", faults: ({ path }) => (path.includes("/chat/") ? gone : undefined) });
  const run = runOn(open.url, { model: "local", api: "auto" });
  assert.equal((await run.chat.send(ask())).text, "ok");
  assert.deepEqual(sentTo(open.requests), ["/chat/completions", "/responses"]);
  const neither = await serve(t, { faults: () => gone });
  const lost = runOn(neither.url, { model: "local", api: "auto" });
  for (const time of ["once", "twice"]) await assert.rejects(lost.chat.send(ask()), { kind: "unknown-model" }, time);
  assert.deepEqual(sentTo(neither.requests), ["/chat/completions", "/responses", "/chat/completions"]);
  const missing = await serve(t, { faults: () => ({ status: 404, body: errorBody("model 'x' not found") }) });
  await assert.rejects(runOn(missing.url, { model: "x", api: "auto" }).chat.send(ask()), { kind: "unknown-model" });
  assert.equal(missing.requests.length, 1, "the model is what is missing there");
});

test("what was asked by Responses goes back to Chat Completions where the server has it no more", async (t) => {
  let gone = false;
  const fault: Fault = { status: 404, body: { detail: "Not Found" } };
  const server = await serve(t, {
    chat: () => "ok",
    faults: ({ path }) => (path.includes(gone ? "/responses" : "/chat/") ? fault : undefined),
  });
  const run = runOn(server.url, { model: "local", api: "auto" });
  await run.chat.send(ask());
  gone = true;
  assert.equal((await run.chat.send(ask())).text, "ok");
  assert.deepEqual(sentTo(server.requests), ["/chat/completions", "/responses", "/responses", "/chat/completions"]);
});

test("a server without Responses is told as that where they alone may be asked, however it says so", async (t) => {
  const gone: Fault[] = [
    { status: 404, body: { detail: "Not Found" } },
    { status: 405, body: { detail: "Method Not Allowed" } },
    { status: 400, body: errorBody("Unknown request URL: POST /v1/responses", null, null, "invalid_request_error") },
  ];
  for (const fault of gone) {
    const server = await serve(t, { faults: ({ path }) => (path.includes("/responses") ? fault : undefined) });
    const error = await failure(chatOn(server.url, "local", { api: "responses" }).send(ask()));
    assert.match(
      `${error.message} ${error.advice}`,
      /knows no Responses API\..* Set OPENAI_API=auto, or OPENAI_API=chat\.$/,
    );
    assert.equal(server.requests.length, 1);
    const moved = createModelServer({ baseUrl: server.url, timeoutMs: 60_000 });
    moved.capabilities.learn("local", { api: "responses", proven: true });
    moved.capabilities.learn("local (responses)", { proven: true });
    const back = await failure(chatOn(server.url, "local", { api: "auto", server: moved }).send(ask()));
    assert.equal(back.adapted, true, back.message);
    assert.equal(moved.capabilities.of("local").api, "chat");
  }
});

test("what a server refuses is left out or shaped differently, and known apart from what Chat Completions take", async (t) => {
  const refuses = (name: string, message = `Unsupported parameter: '${name}'.`): Fault => ({
    status: 400,
    body: errorBody(message, "unsupported_parameter", name, "invalid_request_error"),
  });
  const faults = [
    refuses("reasoning.effort"),
    refuses("text.format"),
    refuses("include[0]", "Encrypted content is not supported with this model."),
    refuses("store"),
    refuses("prompt_cache_options"),
    {
      status: 400,
      body: errorBody(
        "max_output_tokens is too large: 4000. At most 2048 output tokens.",
        "invalid_value",
        "max_output_tokens",
      ),
    },
  ];
  const server = await serve(t, { chat: () => "ok", faults: { ...faults } });
  const entry = { ...createCatalog().get("local"), reasoningEffort: true, promptCache: true } as const;
  const connected = connect(server.url);
  const model = chatOn(server.url, "local", { ...responses, entry, server: connected, reasoningEffort: "high" });
  const kinds: string[] = [];
  for (const fault of faults) {
    const error = await failure(model.send(ask("x", { replySchema })));
    assert.ok(error.adapted, JSON.stringify(fault));
    kinds.push(error.kind);
  }
  assert.deepEqual([...new Set(kinds)], ["bad-parameter"]);
  assert.equal((await model.send(ask("x", { replySchema }))).text, "ok");
  assert.deepEqual(server.requests.at(-1)?.responses, {
    ...{ model: "local", input: [{ type: "message", role: "user", content: "x" }] },
    ...{ max_output_tokens: 2048, stream: true },
  });
  assert.deepEqual(connected.capabilities.of("local").refused, []);
});

test("a server that names no reason is asked in the plainest form", async (t) => {
  const vague: Fault = { status: 400, body: { detail: "bad request" } };
  const server = await serve(t, { chat: () => "ok", faults: { 0: vague } });
  const run = runOn(server.url, { model: "local", ...responses });
  await run.chat.send(ask("x", { replySchema, messages: [{ role: "system", content: "s" }] }));
  assert.deepEqual(server.requests.at(-1)?.responses, {
    ...{ model: "local", input: [{ type: "message", role: "user", content: "s" }] },
    ...{ max_output_tokens: 4000, stream: true },
  });
});

test("a limit of the run is not given to a model whose answers cannot be limited", async (t) => {
  const server = await serve(t, {
    chat: () => "ok",
    faults: { 0: { status: 400, body: errorBody("Unknown parameter", null, "max_output_tokens") } },
  });
  const model = chatOn(server.url, "local", { ...responses, limited: true });
  assert.equal((await failure(model.send(ask()))).adapted, true);
  assert.match((await failure(model.send(ask()))).message, /takes no max_output_tokens for local/);
});
