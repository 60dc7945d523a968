import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { announce } from "../../src/console/notes/notices.js";
import type { Screen } from "../../src/console/screen.js";
import { readAzure } from "../../src/settings/azure.js";
import type { RunLimits } from "../../src/history/event-parts.js";
import { loadSettings } from "../../src/settings/load.js";
import { temporaryFolder } from "../support/program.js";

const noLimits: RunLimits = { steps: null, costUsd: null, tokens: null, seconds: null };

/** What is noted before a run with this `.env` and environment. */
async function noted(
  t: TestContext,
  envFile: string,
  environment: Record<string, string>,
  only: "fast" | null = null,
  azureFile = "",
) {
  const cwd = await mkdtemp(join(tmpdir(), "autogpt-notices-"));
  t.after(() => rm(cwd, { recursive: true, force: true }));
  await writeFile(join(cwd, ".env"), envFile);
  await writeFile(join(cwd, "azure.yaml"), azureFile);
  const { settings, sources } = await loadSettings({ cwd, environment });
  const notes: string[] = [];
  const screen = { note: (text: string) => void notes.push(text) } as Partial<Screen> as Screen;
  const azure = await readAzure(settings);
  announce({ settings, continuous: false, limits: noLimits, only, azure }, sources, screen);
  return notes;
}

const address = "OPENAI_API_BASE_URL=https://models.example:8443/v1\n";
const environment = { OPENAI_API_KEY: "sk-of-the-user" };

test("says where the user's own key goes when a file of the folder decides it", async (t) => {
  const notes = await noted(t, address, environment);
  assert.equal(notes.length, 1);
  assert.match(notes[0] ?? "", /OPENAI_API_KEY.* is sent to models\.example:8443: \.env/);
});

test("says so of the keys for search and images as well", async (t) => {
  const file = "BRAVE_API_BASE_URL=https://brave.example\nHUGGINGFACE_API_BASE_URL=http://images.example:81/x\n";
  const notes = await noted(t, file, { BRAVE_API_KEY: "brave-key", HUGGINGFACE_API_TOKEN: "hf_token" });
  assert.equal(notes.length, 2);
  assert.match(notes[0] ?? "", /BRAVE_API_KEY.* is sent to brave\.example: .*BRAVE_API_BASE_URL/);
  assert.match(notes[1] ?? "", /HUGGINGFACE_API_TOKEN.* is sent to images\.example:81: .*HUGGINGFACE_API_BASE_URL/);
});

test("says nothing where key and address come from one place, or the address is OpenAI's", async (t) => {
  assert.deepEqual(await noted(t, `${address}OPENAI_API_KEY=sk-of-the-file\n`, {}), []);
  assert.deepEqual(await noted(t, "", { ...environment, OPENAI_API_BASE_URL: "https://models.example/v1" }), []);
  assert.deepEqual(await noted(t, "OPENAI_API_BASE_URL=https://api.openai.com/v1\n", environment), []);
  assert.deepEqual(await noted(t, address, {}), []);
});

test("says where the user's own key goes on Azure, whichever file of the folder names the resource", async (t) => {
  const azure = { ...environment, USE_AZURE: "True", OPENAI_AZURE_DEPLOYMENT_ID: "chat" };
  const base = "OPENAI_AZURE_API_BASE=https://models.example/?api-version=2024-10-21\n";
  assert.match((await noted(t, base, azure))[0] ?? "", /is sent to models\.example: \.env.*OPENAI_AZURE_API_BASE/);
  assert.match((await noted(t, "", azure, null, "azure_api_base: https://models.example\n"))[0] ?? "", /azure\.yaml/);
  assert.deepEqual(await noted(t, "", { ...azure, OPENAI_AZURE_API_BASE: "https://models.example" }), []);
  await assert.rejects(noted(t, "", { ...azure, OPENAI_AZURE_API_BASE: "https://models.example/?key=1" }), /Azure/);
});

test("shows the names of models without control characters", async (t) => {
  const notes = await noted(t, "", { FAST_LLM_MODEL: "fast\u001b[2J\u202e" }, "fast");
  assert.deepEqual(notes, ["The fast model answers everything: fast\\u001b[2J\\u202e"]);
});

test("before a run in continuous mode, the limit is named that nobody asked for", async (t) => {
  const { settings, sources } = await loadSettings({ cwd: await temporaryFolder(t), environment: {} });
  const noted = (limits: RunLimits): string => {
    const notes: string[] = [];
    const screen = { note: (text: string) => void notes.push(text) } as Partial<Screen> as Screen;
    announce({ settings, continuous: true, limits, only: null }, sources, screen);
    return notes.join("\n");
  };
  assert.match(
    noted({ ...noLimits, costUsd: 3, byDefault: true }),
    /You named no limit, .* cost \$3; --max-cost, .* sets another/,
  );
  assert.match(noted({ ...noLimits, steps: 500, byDefault: true }), /You named no limit, .* after 500 steps/);
  assert.doesNotMatch(noted({ ...noLimits, costUsd: 3 }), /You named no limit/);
});
