import assert from "node:assert/strict";
import { test } from "node:test";
import type { SetTimer } from "../../../src/base/abort.js";
import { createCatalog } from "../../../src/model/catalog/catalog.js";
import type { ChatRequest } from "../../../src/model/model.js";
import type { Fault } from "../../support/services/fake-open-ai.js";
import { ask, chatOn, failure, serve } from "../compose.js";

/** A clock that does not wait, and what was waited for, in seconds. */
function hurriedClock() {
  const waits: number[] = [];
  const timer: SetTimer = (call, milliseconds) => {
    // The time that the request itself may take is no pause.
    if (milliseconds > 30_000) return () => undefined;
    waits.push(milliseconds / 1000);
    const immediate = setImmediate(call);
    return () => clearImmediate(immediate);
  };
  return { waits, timer };
}

const background = { api: "auto", background: true } as const;
const model = "gpt-6.1-terra";

test("a long answer is asked for by its id until it is there, and the id is told before", async (t) => {
  const server = await serve(t, { chat: () => "at last", backgroundLooks: 4 });
  const { waits, timer } = hurriedClock();
  const told: string[] = [];
  const onWaiting: ChatRequest["onWaiting"] = (response) => {
    told.push(`${response} after ${server.requests.length}`);
    return Promise.resolve();
  };
  const answer = await chatOn(server.url, model, { ...background, timer }).send(ask("x", { onWaiting }));
  assert.equal(answer.text, "at last");
  assert.ok(answer.usage.promptTokens > 0 && answer.usage.estimated === undefined);
  assert.deepEqual(told, ["resp_1 after 1"]);
  assert.deepEqual(waits, [1, 2, 4, 8]);
  const { body } = server.requests[0] ?? {};
  assert.deepEqual([body?.["background"], body?.["store"], body?.["stream"]], [true, true, undefined]);
  const [first, ...looks] = server.requests.map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual([first, ...new Set(looks)], ["POST /v1/responses", "GET /v1/responses/resp_1"]);
});

test("requests beside the loop, and other models, have a connection", async (t) => {
  const server = await serve(t, { chat: () => "ok" });
  await chatOn(server.url, model, background).send(ask("x", { purpose: "summary" }));
  await chatOn(server.url, model, { api: "responses" }).send(ask());
  const entry = { ...createCatalog().get(model), background: true };
  const { timer } = hurriedClock();
  await chatOn(server.url, model, { api: "auto", background: false, entry, timer }).send(ask());
  assert.deepEqual(
    server.requests.slice(0, 3).map(({ path, responses }) => [path, responses?.background, responses?.store]),
    [
      ["/v1/responses", undefined, false],
      ["/v1/responses", undefined, false],
      ["/v1/responses", true, true],
    ],
  );
});

test("it is cancelled when nobody waits any more, by the user or by the clock", async (t) => {
  const server = await serve(t, { chat: () => "never", backgroundLooks: Infinity });
  const { timer } = hurriedClock();
  const stop = new AbortController();
  const onWaiting = () => Promise.resolve(stop.abort(new Error("stopped")));
  const stopped = chatOn(server.url, model, { ...background, timer }).send(
    ask("x", { signal: stop.signal, onWaiting }),
  );
  await assert.rejects(stopped, /stopped/);
  const late = await failure(chatOn(server.url, model, { ...background, timer, longestMs: 20_000 }).send(ask()));
  assert.deepEqual([late.kind, late.billed], ["timeout", "reservation"]);
  assert.deepEqual(
    [...server.background.values()].map(({ cancelled }) => cancelled),
    [true, true],
  );
});

test("a look that fails for a passing reason is followed by another one; an answer that is gone counts in full", async (t) => {
  const { timer } = hurriedClock();
  const server = await serve(t, { chat: () => "ok" });
  let looks = 0;
  const busy = chatOn(server.url, model, { ...background, timer });
  const onWaiting = () => {
    server.background.clear();
    looks += 1;
    return Promise.resolve();
  };
  const gone = await failure(busy.send(ask("x", { onWaiting })));
  assert.deepEqual([gone.kind, gone.billed, looks], ["server-fault", "reservation", 1]);
});

const ends: [what: string, whole: object, kind: string][] = [
  ["failed", { status: "failed", error: { code: "server_error", message: "gone" } }, "server-fault"],
  ["cancelled by others", { status: "cancelled" }, "server-fault"],
  ["not allowed", { status: "failed", error: { code: "invalid_prompt", message: "no" } }, "filtered"],
  ["withheld", { status: "incomplete", incomplete_details: { reason: "content_filter" } }, "filtered"],
];

test("an answer that ends otherwise is told as what it is", async (t) => {
  const { timer } = hurriedClock();
  const server = await serve(t, { chat: () => "half" });
  const asked = chatOn(server.url, model, { ...background, timer });
  const becomes = (whole: object) => () => {
    const [one] = [...server.background.values()].slice(-1);
    if (one) one.whole = { ...one.whole, ...whole };
    return Promise.resolve();
  };
  for (const [what, whole, kind] of ends) {
    assert.equal((await failure(asked.send(ask("x", { onWaiting: becomes(whole) })))).kind, kind, what);
  }
  const cut = { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };
  assert.equal((await asked.send(ask("x", { onWaiting: becomes(cut) }))).finishReason, "length");
});

test("a server that knows no background, or answers at once, is understood", async (t) => {
  const { timer } = hurriedClock();
  const unknown: Fault = {
    status: 400,
    body: { error: { message: "Unknown parameter: 'background'.", param: "background", code: "unknown_parameter" } },
  };
  const server = await serve(t, { chat: () => "ok", faults: { 0: unknown } });
  const asked = chatOn(server.url, model, { ...background, timer });
  assert.equal((await failure(asked.send(ask()))).adapted, true);
  assert.equal((await asked.send(ask())).text, "ok");
  const { body } = server.requests[1] ?? {};
  assert.deepEqual([body?.["background"], body?.["store"], body?.["stream"]], [undefined, false, true]);
});
