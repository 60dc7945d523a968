import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { run, type RunOptions } from "../../../src/index.js";
import { eventsOfType, journalOf, long, temporaryFolder } from "../../support/program.js";
import { createPromptCache } from "../../support/services/billing/fake-prompt-cache.js";
import { reply, startFakeOpenAi, type FakeOpenAi } from "../../support/services/fake-open-ai.js";

const words = "a plan needs a good map and some rest before the next hill is climbed by those who came along".split(
  " ",
);
const passage = (step: number, length: number): string =>
  Array.from({ length }, (_, index) => words[(index * (step + 3) + step * step) % words.length]).join(" ");

/** Writes a file and thinks aloud about it; every tenth step asks a sub-agent, or about code. */
function scripted(step: number): string {
  const thoughts = { text: passage(step, 60), reasoning: passage(step + 1, 60) };
  if (step % 20 === 10)
    return reply("start_agent", { name: `Ada ${step}`, task: "count", prompt: passage(step, 900) }, thoughts);
  if (step % 20 === 0) return reply("evaluate_code", { code: `// ${passage(step, 900)}` }, thoughts);
  return reply("write_to_file", { file: `${step}.txt`, text: passage(step + 2, 120) }, thoughts);
}

const isThought = (system = ""): boolean => system.includes("COMMANDS:");

/** A folder, and a server whose cache works by breakpoints. */
async function prepare(t: TestContext): Promise<{ folder: string; server: FakeOpenAi; base: RunOptions }> {
  const folder = await temporaryFolder(t);
  let step = 0;
  const server = await startFakeOpenAi({
    cache: createPromptCache(),
    chat: ({ body }) => (isThought(body?.messages[0]?.content) ? scripted(++step) : "an answer"),
  });
  t.after(() => server.close());
  const ai = { name: "Ada", role: "an AI that writes", goals: ["Write down what is known of hills"] };
  return { folder, server, base: { ai, cwd: folder, env: { OPENAI_API_BASE_URL: server.url, OPENAI_RETRIES: "1" } } };
}

const steps = long ? 60 : 40;

for (const memoryBackend of ["no_memory", "local"]) {
  test(`a long run with ${memoryBackend}: nine tenths of the prompts are read from the cache, and the books are the bill`, async (t) => {
    const { folder, server, base } = await prepare(t);
    const end = await run({
      ...base,
      settings: { continuous: true, continuousLimit: steps, memoryBackend, maxCost: 1 },
    });
    assert.deepEqual([end.reason, end.steps], ["limit-steps", steps]);
    const { usd, ...billed } = server.billed();
    const { costUsd, requests, ...usage } = end.usage;
    assert.deepEqual(usage, billed);
    assert.equal(requests, server.requests.length);
    assert.ok(Math.abs(costUsd - usd) < requests * 1e-9, `$${costUsd} counted, $${usd} billed`);
    const share = billed.cachedTokens / billed.promptTokens;
    t.diagnostic(
      `${(100 * share).toFixed(1)} % of ${billed.promptTokens} tokens read, ${billed.cacheWriteTokens} written`,
    );
    assert.ok(share >= 0.9, `${share} of the prompt tokens were read from the cache`);

    const events = await journalOf(folder);
    const single = eventsOfType(events, "model-replied").filter(({ purpose }) => purpose !== "think");
    assert.ok(single.some(({ purpose }) => purpose === "agent") && single.some(({ purpose }) => purpose === "code"));
    for (const { usage: own } of single) assert.equal(own.cacheWriteTokens, undefined, "single requests write nothing");
    const keys = new Set(server.chatRequests().map(({ body }) => body?.["prompt_cache_key"]));
    assert.deepEqual(keys, new Set([end.run, undefined]));
    const written = eventsOfType(events, "model-replied").map(({ usage: own }) => own.cacheWriteTokens ?? 0);
    assert.equal(
      written.reduce((sum, tokens) => sum + tokens, 0),
      billed.cacheWriteTokens,
    );
  });
}

test("after a cut of the history its new beginning is written once, and read from then on", async (t) => {
  const { folder, base } = await prepare(t);
  const end = await run({
    ...{ ...base, env: { ...base.env, CONTEXT_TOKENS: "6000" } },
    settings: { continuous: true, continuousLimit: 30, memoryBackend: "no_memory" },
  });
  assert.equal(end.steps, 30);
  const events = await journalOf(folder);
  const sizes = eventsOfType(events, "context-built").map(({ messages }) => messages);
  const cuts = sizes.flatMap((messages, index) => (messages < (sizes[index - 1] ?? 0) ? [index] : []));
  assert.ok(cuts.length >= 2, `${cuts.length} cuts`);
  const thoughts = eventsOfType(events, "model-replied").filter(({ purpose }) => purpose === "think");
  for (const [index, { usage }] of thoughts.entries()) {
    // The system prompt alone is too short for the service to keep it.
    if (index < 2) continue;
    const fresh = usage.promptTokens - usage.cachedTokens;
    if (cuts.includes(index))
      assert.ok((usage.cacheWriteTokens ?? 0) > 500, `request ${index} writes the new beginning`);
    else assert.ok(fresh < 1400, `request ${index} pays ${fresh} tokens that were not read`);
  }
});

test("--max-cost holds where writing is charged, and nearly all of it is used", async (t) => {
  for (const maxCost of [0.03, 0.05]) {
    const { server, base } = await prepare(t);
    const end = await run({ ...base, settings: { continuous: true, memoryBackend: "no_memory", maxCost } });
    assert.equal(end.reason, "limit-cost");
    const { usd } = server.billed();
    assert.ok(usd <= maxCost && usd > maxCost * 0.7, `$${usd} of $${maxCost}`);
    assert.ok(Math.abs(end.usage.costUsd - usd) < 1e-6);
  }
});

test("a resumed run reads what its first part wrote", async (t) => {
  const { folder, base } = await prepare(t);
  const settings = { continuous: true, continuousLimit: 6, memoryBackend: "no_memory" };
  await run({ ...base, settings });
  await run({ ...base, resume: true, settings: { continuous: true, continuousLimit: 8 } });
  const thoughts = eventsOfType(await journalOf(folder), "model-replied").filter(({ purpose }) => purpose === "think");
  assert.equal(thoughts.length, 8);
  assert.ok((thoughts[6]?.usage.cachedTokens ?? 0) > (thoughts[5]?.usage.cachedTokens ?? Infinity));
});
