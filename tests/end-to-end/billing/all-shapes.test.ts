import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run, type RunEnd } from "../../../src/index.js";
import { long } from "../../support/program.js";
import { billingShapes } from "../../support/services/billing/shapes.js";
import { reply, startFakeOpenAi, type FakeOpenAi } from "../../support/services/fake-open-ai.js";

const seeds = long ? 10 : 1;
/** Steps of each part of a run; limits are as much lower as there are fewer. */
const steps = long ? 12 : 6;
const names = billingShapes().map(({ name }) => name);

/** Numbers that look like chance and are the same in every run of the test. */
function numbersFrom(seed: number): () => number {
  let state = Math.imul(seed + 1, 2_654_435_761) >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Replies of all lengths, some longer than an answer may be; a few ask sub-agents and about code. */
function scripted(next: () => number): string {
  const text = "some words of prose, as a model would write them. ".repeat(1 + Math.floor(next() ** 3 * 350));
  const kind = next();
  if (kind < 0.1) return reply("start_agent", { name: "Ada", task: "count", prompt: text });
  if (kind < 0.2) return reply("evaluate_code", { code: text });
  return reply("write_to_file", { file: `${Math.floor(next() * 1e6)}.txt`, text });
}

type Outcome = {
  server: FakeOpenAi;
  ends: { cap: number; end: RunEnd; billed: number; requests: number }[];
  warnings: string[];
};

/** A run with a limit, some interrupted on the way, resumed with the same limit and with one that is half as high again; in `npm test` with one of these. */
async function carryOut(shape: number, seed: number): Promise<Outcome> {
  const next = numbersFrom(shape * 100 + seed);
  const { options } = billingShapes()[shape] as ReturnType<typeof billingShapes>[number];
  const isLoop = (system = ""): boolean => system.includes("COMMANDS:");
  const server = await startFakeOpenAi({
    ...options,
    chat: ({ body }) => (isLoop(body?.messages[0]?.content) ? scripted(next) : "An answer of some words. ".repeat(40)),
  });
  const folder = await mkdtemp(join(tmpdir(), "autogpt-billing-"));
  const cap = Math.round((0.008 + (next() * 0.05 * steps) / 12) * 1e4) / 1e4;
  const stopAfter = next() < 0.3 ? 2 + Math.floor(next() * 4) : Infinity;
  const memoryBackend = next() < 0.3 ? "local" : "no_memory";
  const ends: Outcome["ends"] = [];
  const warnings: string[] = [];
  try {
    const limits = long ? [cap, cap, cap * 1.5] : [cap, shape % 2 === 0 ? cap : cap * 1.5];
    for (const [part, limit] of limits.entries()) {
      const stop = new AbortController();
      const end = await run({
        ...(part === 0
          ? { ai: { name: "Ada", role: "an AI that writes", goals: ["Write"] } }
          : { resume: ends[0]?.end.run ?? "" }),
        cwd: folder,
        env: { OPENAI_API_BASE_URL: server.url, OPENAI_RETRIES: "3" },
        settings: { continuous: true, continuousLimit: (part + 1) * steps, memoryBackend, maxCost: limit },
        signal: stop.signal,
        onEvent({ type }) {
          if (part === 0 && type === "model-requested" && server.requests.length >= stopAfter) stop.abort();
        },
        onWarning: (text) => void warnings.push(text),
      });
      ends.push({ cap: limit, end, billed: server.billed().usd, requests: server.requests.length });
    }
    return { server, ends, warnings };
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

for (const [shape, name] of names.entries()) {
  test(`${name}: the bill never exceeds the limit, nor the books`, async (t) => {
    const { exact = false, overruns = false } = billingShapes()[shape] as { exact?: boolean; overruns?: boolean };
    for (let seed = 0; seed < seeds; seed++) {
      const { ends, warnings } = await carryOut(shape, seed);
      const what = (index: number): string => `seed ${seed}, part ${index + 1}: ${JSON.stringify(ends[index])}`;
      for (const [index, { cap, end, billed, requests }] of ends.entries()) {
        assert.ok(
          ["limit-cost", "limit-steps", "interrupted", "service-failed", "bad-replies"].includes(end.reason),
          what(index),
        );
        assert.ok(end.usage.costUsd >= billed - 1e-9, what(index));
        const interrupted = ends.slice(0, index + 1).some(({ end: { reason } }) => reason === "interrupted");
        if (exact && !interrupted) assert.ok(end.usage.costUsd - billed < requests * 1e-9, what(index));
        if (exact && !interrupted) assert.equal(end.usage.estimated, undefined, what(index));
        if (billed <= cap) continue;
        assert.ok(overruns, what(index));
        assert.ok(
          warnings.some((text) => text.includes("more than its limit")),
          what(index),
        );
        const [before, after] = [ends[index], ends[index + 1]];
        if (after && after.cap < billed) assert.equal(after.requests, before?.requests, what(index));
      }
      t.diagnostic(
        ends
          .map(
            ({ cap, end, billed, requests }) =>
              `${end.reason}: $${billed.toFixed(4)} of $${cap.toFixed(4)}, ${requests} requests`,
          )
          .join("; "),
      );
    }
  });
}
