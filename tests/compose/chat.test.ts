import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { chatOutsideRun } from "../../src/compose/chat.js";
import { openServer } from "../../src/compose/server.js";
import { loadSettings } from "../../src/settings/load.js";
import type { Settings } from "../../src/settings/schema.js";
import { startFakeOpenAi } from "../support/services/fake-open-ai.js";
import { temporaryFolder } from "../support/program.js";

const ask = () => ({
  step: 0,
  purpose: "think" as const,
  messages: [{ role: "user" as const, content: "Answer with the word OK." }],
  answerTokens: 4_000,
  signal: new AbortController().signal,
});

/** A chat model outside a run, by these flags and this environment. */
async function chatBy(t: TestContext, flags: Partial<Settings>, more: Record<string, string> = {}) {
  const server = await startFakeOpenAi({ chat: () => "OK" });
  t.after(() => server.close());
  const environment = { OPENAI_API_KEY: "sk-test-0123456789", OPENAI_API_BASE_URL: server.url, ...more };
  const { settings } = await loadSettings({ cwd: await temporaryFolder(t), environment, flags });
  const opened = await openServer(settings);
  return { server, open: () => chatOutsideRun(opened, settings, "smart") };
}

test("a request outside a run is answered, with the parameters that a run would send", async (t) => {
  const { server, open } = await chatBy(t, {}, { SMART_LLM_MODEL: "gpt-4o", TEMPERATURE: "0.5" });
  assert.equal((await open().send(ask())).text, "OK");
  assert.equal(server.chatRequests()[0]?.body?.["temperature"], 0.5);
});

test("the limits of the settings hold outside a run as well: nothing is sent that does not fit", async (t) => {
  const { server, open } = await chatBy(t, { maxTokens: 300 });
  await assert.rejects(open().send(ask()), { reason: "limit-tokens" });
  assert.equal(server.requests.length, 0);
  const lowered = await chatBy(t, { maxTokens: 1_000 });
  const model = lowered.open();
  await model.send(ask());
  assert.ok(Number(lowered.server.chatRequests()[0]?.body?.["max_completion_tokens"]) < 1_000);
});

test("with a cost limit a model needs a price outside a run as well", async (t) => {
  const { open } = await chatBy(t, { maxCost: 1 }, { SMART_LLM_MODEL: "unheard-of" });
  assert.throws(open, { reason: "settings", message: /price of unheard-of \(SMART_LLM_MODEL\)/ });
});
