import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnswerWatch, type Watched } from "../../../src/model/openai/answer-watch.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { ask, chatOn, serve } from "../compose.js";

function watching() {
  const warnings: string[] = [];
  const watch = createAnswerWatch({ address: "http://s/v1", model: "m", warn: (text) => warnings.push(text) });
  const see = (promptTokens: number | undefined, sentTokens: number, more: Partial<Watched> = {}) =>
    watch({ text: "x", reasoning: "", finishReason: "stop", isExact: true, promptTokens, sentTokens, ...more });
  return { see, warnings };
}

test("a server that cuts prompts silently is told of once, with what to set", () => {
  const { see, warnings } = watching();
  see(2048, 5900);
  assert.deepEqual(warnings, []);
  see(2048, 11_000);
  see(2040, 12_000);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /2048 tokens for prompts of up to 11000.*CONTEXT_TOKENS.*OLLAMA_CONTEXT_LENGTH/);
});

test("other tokenisers, growing prompts, estimates and what only counts what is new are no cuts", () => {
  const { see, warnings } = watching();
  see(4000, 5500);
  see(5000, 7000);
  see(3000, 5000, { isExact: false });
  see(3000, 5500, { isExact: false });
  see(300, 6000);
  see(310, 6500);
  see(2000, 4000);
  see(3000, 6000);
  see(undefined, 9000);
  assert.deepEqual(warnings, []);
});

test("a server that puts replies under reasoning is told of once, with its switches", async (t) => {
  const message = (text: string) => ({
    body: { choices: [{ message: { content: "", reasoning_content: text }, finish_reason: "stop" }] },
  });
  const said = `I do it. ${reply("do_nothing")}`;
  const server = await serve(t, { chat: [message(reply("do_nothing")), message(said), message(said)] });
  const warnings: string[] = [];
  const model = chatOn(server.url, "m", { warn: (text) => warnings.push(text) });
  await model.send(ask());
  assert.deepEqual(warnings, [], "a whole reply is the answer");
  for (let times = 0; times < 2; times++) assert.equal((await model.send(ask())).text, "");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /as reasoning.*--reasoning-parser/);
});
