import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentEvent, JournalEvent } from "../../src/history/events.js";
import { readUsage, spendingOf } from "../../src/history/recorded-usage.js";

const stamped = (events: readonly AgentEvent[]): JournalEvent[] =>
  events.map((event, index) => ({ seq: index + 1, time: "2026-11-28T10:00:00.000Z", ...event }));

type Purpose = Extract<AgentEvent, { type: "model-requested" }>["purpose"];

const requested = (purpose: Purpose, model: string, more: { unpriced?: true } = {}): AgentEvent => ({
  type: "model-requested",
  step: 1,
  purpose,
  model,
  reservedUsd: more.unpriced ? 0 : 0.5,
  reservedTokens: 100,
  ...more,
});
const replied = (purpose: Purpose, costUsd: number): AgentEvent => ({
  type: "model-replied",
  step: 1,
  purpose,
  usage: { promptTokens: 10, cachedTokens: 0, completionTokens: 5 },
  costUsd,
});

test("what each model took for each purpose adds up to the whole, also of requests that were under way together", () => {
  const events = stamped([
    requested("think", "large"),
    requested("embedding", "vectors"),
    replied("embedding", 0.001),
    replied("think", 0.02),
    requested("summary", "small"),
    replied("summary", 0.003),
    requested("think", "large"),
  ]);
  const spending = spendingOf(events);
  assert.deepEqual(
    spending.map(({ model, purpose, totals }) => [model, purpose, totals.requests, Number(totals.costUsd.toFixed(6))]),
    [
      ["large", "think", 2, 0.52],
      ["small", "summary", 1, 0.003],
      ["vectors", "embedding", 1, 0.001],
    ],
  );
  const { spent } = readUsage(events);
  assert.ok(Math.abs(spent.costUsd - spending.reduce((sum, { totals }) => sum + totals.costUsd, 0)) < 1e-12);
  assert.equal(spent.embeddingTokens, 10);
  assert.equal(spent.promptTokens, 10 + 10 + 100);
});

test("a model whose price is not known makes the cost a lower bound, unless its server refused the request", () => {
  const refused: AgentEvent = {
    type: "model-failed",
    step: 1,
    problem: "no",
    usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 0 },
    costUsd: 0,
  };
  const local = requested("think", "local", { unpriced: true });
  assert.equal(readUsage(stamped([local, refused])).spent.unpriced, undefined);
  assert.equal(readUsage(stamped([local, replied("think", 0)])).spent.unpriced, true);
  assert.equal(readUsage(stamped([local])).spent.unpriced, true);
});

test("what a process waits for is not spent yet, and the time of the last event is known", () => {
  const events = stamped([requested("think", "large"), replied("think", 0.02), requested("think", "large")]);
  const { spent, settled, lastTime } = readUsage(events);
  assert.deepEqual([spent.costUsd, settled.costUsd, settled.requests], [0.52, 0.02, 2]);
  assert.equal(lastTime, Date.parse("2026-11-28T10:00:00.000Z"));
  assert.equal(spendingOf(events, true)[0]?.totals.costUsd, 0.02);
});

test("an answer that is fetched after a kill takes its estimate back where it counted, and none of another's", () => {
  const resumed = { type: "run-resumed", step: 1 } as unknown as AgentEvent;
  const replaces = { model: "large", reservedUsd: 0.5, reservedTokens: 100 };
  const fetched = { ...replied("think", 0.02), replaces } as AgentEvent;
  const estimated = (events: readonly AgentEvent[]) => [
    readUsage(stamped(events)).spent.estimated,
    ...spendingOf(stamped(events)).map(({ totals }) => totals.estimated),
  ];
  const asked = requested("think", "large");
  assert.deepEqual(estimated([asked, resumed]), [true, true]);
  assert.deepEqual(estimated([asked, resumed, fetched]), [undefined, undefined]);
  assert.deepEqual(estimated([asked, asked, resumed, fetched]), [true, true]);
  const other = requested("summary", "small");
  assert.deepEqual(estimated([asked, other, resumed, fetched]), [true, true, undefined]);
});
