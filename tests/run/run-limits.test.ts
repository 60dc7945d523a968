import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { RunLimits } from "../../src/history/event-parts.js";
import { newLimits, resumedLimits } from "../../src/run/limits/run-limits.js";
import { loadSettings } from "../../src/settings/load.js";
import type { Settings } from "../../src/settings/schema.js";
import { temporaryFolder } from "../support/program.js";

type Flags = Partial<Settings>;

const none: RunLimits = { steps: null, costUsd: null, tokens: null, seconds: null };
const threeDollars: RunLimits = { ...none, costUsd: 3, byDefault: true };
const fiveHundredSteps: RunLimits = { ...none, steps: 500, byDefault: true };

async function asked(t: TestContext, flags: Flags = {}, environment: Record<string, string> = {}) {
  const cwd = await temporaryFolder(t);
  await writeFile(
    join(cwd, "models.yaml"),
    "own: { prices: { input: 1, output: 2 } }\nfree: { prices: { input: 0, output: 0 } }\n",
  );
  const { settings } = await loadSettings({ cwd, environment, flags });
  return { settings, continuous: true, memoryBackend: settings.memoryBackend, only: null };
}

test("continuous mode without any limit has one of 3 dollars; asked about each command, a run has none", async (t) => {
  assert.deepEqual(await newLimits(await asked(t)), threeDollars);
  assert.deepEqual(await newLimits({ ...(await asked(t)), continuous: false }), none);
});

test("where dollars would not end a run, the limit by default is 500 steps", async (t) => {
  const own = { MODEL_CATALOG: "models.yaml", FAST_LLM_MODEL: "own", EMBEDDING_MODEL: "own", IMAGE_MODEL: "own" };
  const cases: [what: string, environment: Record<string, string>, expected: RunLimits][] = [
    ["prices from MODEL_CATALOG", { ...own, SMART_LLM_MODEL: "own" }, threeDollars],
    ["a smart model that is free", { ...own, SMART_LLM_MODEL: "free" }, fiveHundredSteps],
    ["an unknown smart model", { SMART_LLM_MODEL: "llama3.2" }, fiveHundredSteps],
    ["an unknown fast model", { FAST_LLM_MODEL: "llama3.2" }, fiveHundredSteps],
    ["unknown embeddings", { EMBEDDING_MODEL: "nomic" }, fiveHundredSteps],
    ["unknown embeddings that are not used", { EMBEDDING_MODEL: "nomic", MEMORY_BACKEND: "no_memory" }, threeDollars],
    ["an unknown model for pictures", { IMAGE_MODEL: "paint", OPENAI_API_KEY: "sk-1" }, fiveHundredSteps],
  ];
  for (const [what, environment, expected] of cases)
    assert.deepEqual(await newLimits(await asked(t, {}, environment)), expected, what);
});

test("any limit that is named takes the place of the one by default", async (t) => {
  assert.deepEqual(await newLimits(await asked(t, { continuousLimit: 7 })), { ...none, steps: 7 });
  assert.deepEqual(await newLimits(await asked(t, { maxTime: 60 })), { ...none, seconds: 60 });
});

test("a run that goes on keeps its limit by default until one is named, and others one by one", async (t) => {
  const recorded = { steps: [], spent: { costUsd: 0.5 } } as never as Parameters<typeof resumedLimits>[1];
  const after = async (limits: RunLimits, flags: Flags = {}): Promise<RunLimits> =>
    resumedLimits(await asked(t, flags), { ...recorded, limits });
  assert.deepEqual(await after(threeDollars), threeDollars);
  assert.deepEqual(await after(threeDollars, { maxTokens: 9 }), { ...none, tokens: 9 });
  assert.deepEqual(await after({ ...none, steps: 5 }, { maxTokens: 9 }), { ...none, steps: 5, tokens: 9 });
  assert.deepEqual(await after(none), { ...threeDollars, costUsd: 3.5 }, "a run that began without any");
});
