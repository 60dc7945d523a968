import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { createCatalog } from "../../../src/model/catalog/catalog.js";
import { type Prices } from "../../../src/model/catalog/model-entry.js";
import type { Message } from "../../../src/model/model.js";
import { tokensOf, type Bill } from "../../support/services/billing/fake-bill.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType, journalOf, long, startProgram, type Ended } from "../../support/program.js";
import { endedBy, endless, prepare } from "../support/budget-run.js";

const terra = createCatalog().get("gpt-6.1-terra").prices as Prices;
/** A request is not sent when less than this is left for the answer. */
const leastAnswer = 500;
/** What the texts that differ from run to run (the time, and what is said before the last step) may take at the most, in tokens. */
const slack = 80;

let withoutLimit: Message[][] | undefined;

/** The requests of a run that no budget ends, made once: a limited run's requests are the first of these. */
async function requestsWithoutLimit(t: TestContext): Promise<Message[][]> {
  if (withoutLimit !== undefined) return withoutLimit;
  const { server, run } = await prepare(t);
  assert.equal((await run("-c", "-l", "45", "-m", "no_memory")).code, 5);
  return (withoutLimit = server.chatRequests().map(({ body }) => body?.messages ?? []));
}

/** The rule of the contract: the larger of the tokeniser's count and a third of the characters. */
const reservedPrompt = (messages: readonly Message[]): number =>
  messages.reduce((sum, { content }) => sum + Math.max(tokensOf(content), Math.ceil(content.length / 3)) + 4, 3);

function smallestCost(messages: readonly Message[] | undefined, prices = terra): number {
  assert.ok(messages, "the comparison run is long enough");
  return ((reservedPrompt(messages) + slack) * (prices.cacheWrite ?? prices.input) + leastAnswer * prices.output) / 1e6;
}

const tokensBilled = ({ promptTokens, completionTokens, embeddingTokens }: Bill): number =>
  promptTokens + completionTokens + embeddingTokens;

test(
  "--max-cost is never exceeded by the server's count, and nearly all of it is used",
  { concurrency: 2 },
  async (t) => {
    const unlimited = await requestsWithoutLimit(t);
    const caps = long ? [0.002, 0.004, 0.008, 0.015, 0.03, 0.05] : [0.002, 0.015];
    const cases = caps.flatMap((cap) => [true, false].map((cache) => ({ cap, cache })));
    const runs = cases.map(({ cap, cache }) =>
      t.test(`--max-cost ${cap}, the server ${cache ? "has a cache" : "has none"}`, async (own) => {
        const { server, folder, run } = await prepare(own, { cache });
        const { code, stderr } = await run("-c", "-m", "no_memory", "--max-cost", String(cap));
        assert.equal(code, 5, stderr);
        assert.match(stderr, /--max-cost/);
        await endedBy(folder, "limit-cost");
        const { usd } = server.billed();
        const requests = server.chatRequests().length;
        const next = smallestCost(unlimited[requests]);
        own.diagnostic(
          `${requests} requests, $${usd.toFixed(6)} of $${cap}; the next one would have had to fit $${next.toFixed(6)}`,
        );
        assert.ok(usd <= cap, `billed $${usd}`);
        assert.ok(cap - usd < next, `$${cap - usd} were left, enough for the next request`);
      }),
    );
    await Promise.all(runs);
  },
);

test("with a cheap model even the smallest limit buys something", async (t) => {
  const { server, run } = await prepare(t);
  assert.equal((await run("-c", "--gpt3only", "-m", "no_memory", "--max-cost", "0.002")).code, 5);
  const { usd } = server.billed();
  assert.ok(usd > 0.001 && usd <= 0.002, `billed $${usd}`);
});

test("a cost limit that is raised at two resumes holds each time", async (t) => {
  const unlimited = await requestsWithoutLimit(t);
  const { server, folder, run } = await prepare(t);
  for (const [cap, ...args] of [
    ["0.01", "-c", "-m", "no_memory"],
    ["0.02", "--resume"],
    ["0.04", "--resume"],
  ] as const) {
    assert.equal((await run(...args, "--max-cost", cap)).code, 5);
    await endedBy(folder, "limit-cost");
    const left = Number(cap) - server.billed().usd;
    assert.ok(left >= 0, `$${-left} too much`);
    assert.ok(left < smallestCost(unlimited[server.chatRequests().length]), `$${left} were left of $${cap}`);
  }
  const before = server.billed().usd;
  assert.equal((await run("--resume")).code, 5, "without a new limit the old one holds");
  assert.equal(server.billed().usd, before);
});

test("kill -9 in the middle of requests does not make a run exceed its cost limit", async (t) => {
  let running: ReturnType<typeof startProgram> | undefined;
  const { server, folder } = await prepare(t, {
    chat: (_, index) => {
      if (index % 3 === 2) running?.child.kill("SIGKILL");
      return endless(index);
    },
  });
  const env = { OPENAI_API_BASE_URL: server.url };
  let kills = 0;
  for (const cap of long ? ["0.02", "0.05", "0.1"] : ["0.02", "0.04"]) {
    for (let ended: Ended | undefined; ended?.code !== 5;) {
      const args = running === undefined ? ["-c", "-m", "no_memory"] : ["--resume"];
      running = startProgram({ cwd: folder, args: [...args, "--max-cost", cap], env });
      ended = await running.ended;
      kills += ended.signal === "SIGKILL" ? 1 : 0;
      assert.ok(ended.code === 5 || ended.signal === "SIGKILL", ended.stderr);
      assert.ok(server.billed().usd <= Number(cap), `$${server.billed().usd} of $${cap}`);
    }
    const end = (await journalOf(folder)).at(-1);
    const counted = end?.type === "run-end" ? end.usage.costUsd : -1;
    const { usd } = server.billed();
    assert.ok(counted >= usd && counted <= Number(cap), `$${counted} counted, $${usd} billed, limit $${cap}`);
  }
  assert.ok(kills >= 2, `only ${kills} kills`);
  t.diagnostic(`${kills} kills`);
});

test("answers that get lost and are billed in full do not make a run exceed its cost limit", async (t) => {
  const { server, run } = await prepare(
    t,
    { faults: (_, index) => (index % 3 === 1 ? (index % 2 === 0 ? "cut" : "hang-body") : undefined) },
    { env: { OPENAI_TIMEOUT: "0.5" } },
  );
  assert.equal((await run("-c", "-m", "no_memory", "--max-cost", "0.06")).code, 5);
  const { usd } = server.billed();
  assert.ok(usd > 0.03 && usd <= 0.06, `billed $${usd}`);
});

test(
  "--max-tokens is never exceeded by the server's count, and nearly all of it is used",
  { concurrency: 2 },
  async (t) => {
    const unlimited = await requestsWithoutLimit(t);
    const runs = (long ? [1_000, 3_000, 10_000, 50_000] : [1_000, 10_000]).map((cap) =>
      t.test(`--max-tokens ${cap}`, async (own) => {
        const { server, folder, run } = await prepare(own, { cache: true });
        const { code, stderr } = await run("-c", "-m", "no_memory", "--max-tokens", String(cap));
        assert.equal(code, 5, stderr);
        assert.match(stderr, /--max-tokens/);
        await endedBy(folder, "limit-tokens");
        const left = cap - tokensBilled(server.billed());
        const next = unlimited[server.chatRequests().length] ?? [];
        assert.ok(left >= 0, `${-left} tokens too many`);
        assert.ok(left < reservedPrompt(next) + slack + leastAnswer, `${left} tokens were left`);
      }),
    );
    await Promise.all(runs);
  },
);

test("the limit of an answer is lowered to what the budget still pays for", async (t) => {
  const { server, run } = await prepare(t);
  assert.equal((await run("-c", "-m", "no_memory", "--max-cost", "0.03")).code, 5);
  const limits = server.chatRequests().map(({ body }) => body?.max_completion_tokens ?? 0);
  assert.equal(limits[0], 4000);
  assert.ok(limits.every((limit) => limit >= leastAnswer && limit <= 4000));
  assert.ok((limits.at(-1) ?? 0) < 4000, "the last one is a smaller one");
});

test("api_budget in ai_settings.yaml is a cost limit", async (t) => {
  const { server, folder, run } = await prepare(t, {}, { ai: { more: "api_budget: 0.01\n" } });
  assert.equal((await run("-c", "-m", "no_memory")).code, 5);
  await endedBy(folder, "limit-cost");
  const { usd } = server.billed();
  assert.ok(usd > 0.005 && usd <= 0.01, `billed $${usd}`);
});

test("a model without a known price and a cost limit do not go together: exit 2 before any request", async (t) => {
  const { server, run } = await prepare(t, {}, { env: { SMART_LLM_MODEL: "house-model" } });
  const { code, stderr } = await run("-c", "-m", "no_memory", "--max-cost", "1");
  assert.equal(code, 2);
  assert.match(stderr, /house-model.*MODEL_CATALOG/s);
  assert.equal(server.requests.length, 0);
});

test("a MODEL_CATALOG file gives the price that the cost limit needs", async (t) => {
  const prices = { input: 4, output: 20 };
  const { server, folder, run } = await prepare(
    t,
    { prices: { "house-model": prices } },
    { env: { SMART_LLM_MODEL: "house-model", MODEL_CATALOG: "models.yaml" } },
  );
  await writeFile(join(folder, "models.yaml"), "house-model:\n  prices: { input: 4, output: 20 }\n  window: 30000\n");
  const { code, stderr } = await run("-c", "-m", "no_memory", "--max-cost", "0.05");
  assert.equal(code, 5, stderr);
  const { usd } = server.billed();
  assert.ok(usd > 0.02 && usd <= 0.05, `billed $${usd}`);
});

/** Uses every command that asks a model, the memory besides. */
const asking = [
  reply("start_agent", { name: "Ada", task: "count", prompt: "Count to three." }),
  reply("message_agent", { key: "0", message: "And now to four." }),
  reply("evaluate_code", { code: "let a = 1" }),
  reply("improve_code", { suggestions: "use const", code: "let a = 1" }),
  reply("write_tests", { code: "const a = 1", focus: "all" }),
  reply("memory_add", { string: "The cellar key hangs behind the door." }),
  reply("read_file", { file: "long.txt" }),
  reply("task_complete", { reason: "done" }),
];

test("sub-agents, code commands and embeddings count: the run's usage is the server's bill", async (t) => {
  let turns = 0;
  const { server, folder, run } = await prepare(t, {
    cache: true,
    chat: ({ body }) =>
      body?.messages[0]?.content.includes("COMMANDS:") ? (asking[turns++] ?? "no more") : `an answer, number ${turns}`,
  });
  await mkdir(join(folder, "workspace"));
  await writeFile(join(folder, "workspace", "long.txt"), "many words of a long file\n".repeat(700));
  const { code, stderr } = await run("-c", "-m", "local", "--max-cost", "1");
  assert.equal(code, 0, stderr);
  const events = await journalOf(folder);
  const purposes = new Set(eventsOfType(events, "model-replied").map(({ purpose }) => purpose));
  assert.deepEqual([...purposes].sort(), ["agent", "code", "embedding", "think"]);
  const { usd, ...billed } = server.billed();
  const end = events.at(-1);
  assert.equal(end?.type, "run-end");
  const { costUsd, requests, ...usage } = end.usage;
  assert.deepEqual(usage, billed);
  assert.ok(billed.embeddingTokens > 0 && billed.cachedTokens > 0);
  assert.equal(requests, server.requests.length);
  assert.ok(Math.abs(costUsd - usd) < requests * 1e-9, `$${costUsd} counted, $${usd} billed`);
});

test("a cost limit ends a run whose sub-agents and code commands spend it", async (t) => {
  const { server, folder, run } = await prepare(t, {
    chat: ({ body }, index) =>
      body?.messages[0]?.content.includes("COMMANDS:")
        ? reply("evaluate_code", { code: `let a = ${index}` })
        : "a long list of suggestions ".repeat(100),
  });
  assert.equal((await run("-c", "-m", "no_memory", "--max-cost", "0.03")).code, 5);
  await endedBy(folder, "limit-cost");
  const { usd } = server.billed();
  assert.ok(usd > 0.015 && usd <= 0.03, `billed $${usd}`);
});
