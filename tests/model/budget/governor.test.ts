import assert from "node:assert/strict";
import { test } from "node:test";
import { ModelError } from "../../../src/errors.js";
import { createCatalog } from "../../../src/model/catalog/catalog.js";
import type { ModelEntry } from "../../../src/model/catalog/model-entry.js";
import { createGovernor } from "../../../src/model/budget/governor.js";
import { createTokenCounter } from "../../../src/model/tokens.js";
import type { ChatModel, ChatRequest } from "../../../src/model/model.js";
import type { ModelEvent } from "../../../src/history/events.js";
import { errorBody } from "../../support/services/fake-open-ai.js";
import { ask, chatOn, runOn, serve, stoppedBy, worstCaseUsd } from "../compose.js";

/** A model that only notes what it is asked. */
function noting(entry: ModelEntry) {
  const seen: ChatRequest[] = [];
  const model: ChatModel = {
    name: entry.name,
    send(request) {
      seen.push(request);
      const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1 };
      return Promise.resolve({ text: "ok", finishReason: "stop", usage });
    },
  };
  return { model, seen };
}

const silent = () => Promise.resolve();

test("journals the worst case before the request is sent, and the truth after it", async (t) => {
  let requestsWhenAnnounced = -1;
  const server = await serve(t, { chat: ["the answer"] });
  const events: ModelEvent[] = [];
  const entry = createCatalog().get("gpt-6.1-terra");
  const governor = createGovernor({
    limits: {},
    async emit(event) {
      // A request that did not wait for this would be there before this one.
      await (await fetch(`${server.url}/models`)).text();
      if (event.type === "model-requested") requestsWhenAnnounced = server.requests.length;
      events.push(event);
    },
  });
  await governor.chat(chatOn(server.url), entry).send(ask("Hello"));
  assert.equal(requestsWhenAnnounced, 0);
  const [requested, replied] = events;
  assert.ok(requested?.type === "model-requested" && replied?.type === "model-replied");
  assert.equal(requested.model, "gpt-6.1-terra");
  assert.ok(requested.reservedTokens > 4000 && requested.reservedTokens < 4050);
  assert.equal(requested.reservedUsd, worstCaseUsd(entry, requested.reservedTokens - 4000, 4000));
  assert.equal(replied.text, "the answer");
  assert.equal(replied.finishReason, "stop");
  assert.ok(Math.abs(replied.costUsd - server.billed().usd) < 1e-9);
  assert.ok(Math.abs(governor.totals().costUsd - server.billed().usd) < 1e-9);
});

test("only thoughts are journalled with their text", async (t) => {
  const server = await serve(t, { chat: ["a long summary"] });
  const run = runOn(server.url);
  await run.chat.send(ask("x", { purpose: "summary" }));
  assert.ok(run.events.every((event) => !("text" in event)));
});

test("counts all models and all purposes in one place", async (t) => {
  const server = await serve(t, { chat: () => "ok" });
  const run = runOn(server.url);
  await run.chat.send(ask());
  await run.chat.send(ask("x", { purpose: "summary" }));
  await run.embeddings.send({ texts: ["some text to remember"], ...ask() });
  const totals = run.governor.totals();
  const billed = server.billed();
  assert.equal(totals.requests, 3);
  assert.equal(totals.promptTokens, billed.promptTokens);
  assert.equal(totals.completionTokens, billed.completionTokens);
  assert.equal(totals.embeddingTokens, billed.embeddingTokens);
  assert.ok(Math.abs(totals.costUsd - billed.usd) < 1e-8);
});

test("lowers the answer limit to what the budget pays for, not below 500", async () => {
  const entry = createCatalog().get("gpt-6.1-terra");
  const { model, seen } = noting(entry);
  const governor = createGovernor({ limits: { costUsd: 0.01 }, emit: silent });
  await governor.chat(model, entry).send(ask());
  assert.ok(seen[0] && seen[0].answerTokens > 1900 && seen[0].answerTokens < 2000);
  const poor = createGovernor({ limits: { costUsd: 0.002 }, emit: silent });
  await assert.rejects(poor.chat(model, entry).send(ask()), stoppedBy("limit-cost"));
  assert.equal(seen.length, 1);
});

test("an answer that needs less than 500 tokens is sent for less", async () => {
  const entry = createCatalog().get("gpt-6.1-terra");
  const { model, seen } = noting(entry);
  const governor = createGovernor({ limits: { costUsd: 0.002 }, emit: silent });
  await governor.chat(model, entry).send(ask("x", { answerTokens: 100 }));
  assert.equal(seen[0]?.answerTokens, 100);
});

test("pitfall 19: absurd answer limits are brought within what the model can do", async () => {
  const small: ModelEntry = { ...createCatalog().get("gpt-4"), maxOutputTokens: 3000 };
  const { model, seen } = noting(small);
  const chat = createGovernor({ limits: {}, emit: silent }).chat(model, small);
  await chat.send(ask("x", { answerTokens: 10_000_000 }));
  await chat.send(ask("x", { answerTokens: -5 }));
  await chat.send(ask("word ".repeat(6000), { answerTokens: 4000 }));
  await chat.send(ask("word ".repeat(9000), { answerTokens: 4000 }));
  const [large, negative, tight, none] = seen.map(({ answerTokens }) => answerTokens);
  assert.equal(large, 3000);
  assert.equal(negative, 1);
  assert.ok(tight && tight > 2000 && tight < 2192);
  assert.equal(none, 500);
});

test("a third of the characters is reserved where that is more than the count", async () => {
  const entry = createCatalog().get("gpt-6.1-terra");
  const events: ModelEvent[] = [];
  const governor = createGovernor({
    limits: {},
    emit: (event) => {
      events.push(event);
      return Promise.resolve();
    },
  });
  const chat = governor.chat(noting(entry).model, entry);
  await chat.send(ask());
  await chat.send(ask(" ".repeat(9000)));
  const last = events.at(-2);
  assert.ok(last?.type === "model-requested");
  assert.equal(last.reservedTokens, 3000 + 4 + 3 + 4000);
});

test("a request that is aborted before it is sent counts nothing, nor does one the journal cannot hold", async (t) => {
  const server = await serve(t);
  const entry = createCatalog().get("gpt-6.1-terra");
  const controller = new AbortController();
  controller.abort(new Error("Ctrl-C"));
  const failing = createGovernor({ limits: { costUsd: 0.03 }, emit: () => Promise.reject(new Error("disk full")) });
  const chat = failing.chat(chatOn(server.url), entry);
  for (let index = 0; index < 5; index++) {
    await assert.rejects(chat.send(ask("x", { signal: controller.signal })), /Ctrl-C/);
    await assert.rejects(chat.send(ask()), /disk full/);
  }
  assert.equal(failing.totals().requests, 0);
  assert.equal(failing.totals().costUsd, 0);
  assert.equal(server.requests.length, 0);
});

test("a wrong key costs nothing", async (t) => {
  const server = await serve(t, { faults: () => ({ status: 401, body: errorBody("no", "invalid_api_key") }) });
  const run = runOn(server.url);
  await assert.rejects(run.chat.send(ask()), ModelError);
  assert.deepEqual(run.governor.totals(), {
    promptTokens: 0,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    completionTokens: 0,
    embeddingTokens: 0,
    requests: 1,
    costUsd: 0,
  });
});

test("what has a flat price counts in full when it is sent or may have been, and a refusal counts nothing", async () => {
  const events: ModelEvent[] = [];
  const governor = createGovernor({
    limits: { costUsd: 0.05 },
    emit: (event) => Promise.resolve(void events.push(event)),
  });
  const { step, signal } = ask();
  const charge = { step, signal, purpose: "speech" as const, model: "a voice", usd: 0.02 };
  const refused = new Error("refused");
  const isRefusal = (thrown: unknown): boolean => thrown === refused;
  const pay = (send: () => Promise<string>) => governor.flatCharge({ ...charge, isRefusal }, send);
  await assert.rejects(
    pay(() => Promise.reject(refused)),
    refused,
  );
  assert.equal(await pay(() => Promise.resolve("sound")), "sound");
  assert.equal(governor.totals().estimated, undefined);
  await assert.rejects(
    pay(() => Promise.reject(new Error("lost"))),
    /lost/,
  );
  await assert.rejects(
    pay(() => Promise.resolve("no more")),
    stoppedBy("limit-cost"),
  );
  const costs = events.flatMap((event) => (event.type === "model-replied" ? [event.costUsd] : []));
  assert.deepEqual(costs, [0, 0.02, 0.02]);
  assert.deepEqual([governor.totals().costUsd, governor.totals().estimated], [0.04, true]);
});

test("without a price and without a cost limit requests are free", async (t) => {
  const server = await serve(t, { chat: ["ok"] });
  const run = runOn(server.url, { entry: createCatalog().get("local-model") });
  await run.chat.send(ask());
  assert.equal(run.governor.totals().costUsd, 0);
  assert.ok(run.governor.totals().promptTokens > 0);
});

test("of a model without a price the journal and the totals say that its cost is not known", async () => {
  const events: ModelEvent[] = [];
  const governor = createGovernor({
    limits: {},
    async emit(event) {
      events.push(event);
    },
  });
  const priced = createCatalog().get("gpt-6.1-terra");
  await governor.chat(noting(priced).model, priced).send(ask("Hello"));
  assert.equal(governor.totals().unpriced, undefined);
  const local = createCatalog().get("local-model");
  await governor.chat(noting(local).model, local).send(ask("Hello"));
  assert.equal(governor.totals().unpriced, true);
  assert.deepEqual(
    events.flatMap((event) => (event.type === "model-requested" ? [event.unpriced] : [])),
    [undefined, true],
  );
});

test("tokens are estimated far from every limit, and counted near one", async () => {
  const entry = createCatalog().get("gpt-6.1-terra");
  for (const [costUsd, exact] of [
    [undefined, false],
    [10, false],
    [0.03, true],
  ] as const) {
    const counter = createTokenCounter(entry);
    const chat = createGovernor({ limits: { ...(costUsd && { costUsd }) }, emit: silent }).chat(
      noting(entry).model,
      entry,
      counter,
    );
    for (let request = 0; request < 2; request++) await chat.send(ask("word ".repeat(500), { answerTokens: 500 }));
    assert.equal(counter.exact, exact, `a limit of ${costUsd}`);
  }
});
