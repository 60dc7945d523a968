import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { equipmentWith, nothingAdded } from "../../src/extensions/equipment.js";
import { memoryBackends } from "../../src/memory/backends.js";
import { planResumed, type Plan } from "../../src/run/plan.js";
import { loadSettings } from "../../src/settings/load.js";
import { temporaryFolder } from "../support/program.js";

/** The plan of a run whose journal names this memory. */
async function resumedWith(t: TestContext, memory: string, flags: { memoryBackend?: "redis" } = {}): Promise<Plan> {
  const loaded = await loadSettings({ cwd: await temporaryFolder(t), environment: { MEMORY_BACKEND: "local" }, flags });
  const limits = { steps: null, costUsd: null, tokens: null, seconds: null };
  const start = { memory, limits, aiName: "Ada", aiRole: "r", goals: ["g"], workspace: "/w", only: null };
  const recorded = { run: "one", start, limits, continuous: false };
  const resumed = { recorded } as unknown as Parameters<typeof planResumed>[1];
  return planResumed(loaded, resumed, equipmentWith(nothingAdded), { skills: [], hooks: [] });
}

test("a run goes on with the memory that its journal names, unless a flag names another", async (t) => {
  assert.equal((await resumedWith(t, "no_memory")).memoryBackend, "no_memory");
  assert.equal((await resumedWith(t, "no_memory", { memoryBackend: "redis" })).memoryBackend, "redis");
  assert.equal((await resumedWith(t, "chroma", { memoryBackend: "redis" })).memoryBackend, "redis");
});

test("a run with a memory that this version does not have is refused, with its name and those there are", async (t) => {
  await assert.rejects(resumedWith(t, "chroma"), {
    name: "SettingsError",
    message: new RegExp(`run one names the memory "chroma".*${memoryBackends.join(", ")}.*--use-memory`),
  });
});
