import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createImages } from "../../src/compose/images.js";
import { createCatalog } from "../../src/model/catalog/catalog.js";
import { createGovernor } from "../../src/model/budget/governor.js";
import { createModelServer } from "../../src/model/http/server.js";
import { createTokenCounter } from "../../src/model/tokens.js";
import { loadSettings } from "../../src/settings/load.js";
import { startSite } from "../support/services/site.js";

/** What makes pictures under these settings; `costUsd` limits the run. */
async function imagesOf(t: TestContext, environment: Record<string, string>, costUsd: number | null = null) {
  const cwd = await mkdtemp(join(tmpdir(), "autogpt-images-"));
  t.after(() => rm(cwd, { recursive: true, force: true }));
  const { settings } = await loadSettings({ cwd, environment });
  const emit = () => Promise.resolve();
  return createImages({
    request: { settings, limits: { steps: null, costUsd, tokens: null, seconds: null }, emit },
    opened: {
      catalog: createCatalog({ "own-pictures": { prices: { input: 1, output: 40 } } }),
      server: createModelServer({ baseUrl: settings.openAiBaseUrl, apiKey: settings.openAiApiKey, timeoutMs: 60_000 }),
    },
    governor: createGovernor({ limits: { costUsd: costUsd ?? undefined }, emit }),
    counterOf: (entry) => createTokenCounter(entry),
  });
}

test("there are images where a provider can be used, and only there", async (t) => {
  const name = async (...given: [Record<string, string>, number?]) => (await imagesOf(t, ...given))?.name;
  const key = { OPENAI_API_KEY: "sk-key-of-a-test" };
  assert.equal(await name({}), undefined);
  assert.equal(await name(key), "gpt-image-2.6-flare");
  assert.equal(await name(key, 1), "gpt-image-2.6-flare");
  assert.equal(await name({ ...key, IMAGE_MODEL: "unpriced" }), "unpriced");
  assert.equal(await name({ ...key, IMAGE_MODEL: "unpriced" }, 1), undefined);
  assert.equal(await name({ ...key, IMAGE_MODEL: "own-pictures" }, 1), "own-pictures");
  assert.equal(await name({ ...key, IMAGE_PROVIDER: "sd" }), undefined);
  const token = { IMAGE_PROVIDER: "huggingface", HUGGINGFACE_API_TOKEN: "hf_token_of_a_test" };
  assert.equal(await name(token), "black-forest-labs/FLUX.1-schnell");
  assert.equal(await name({ IMAGE_PROVIDER: "sdwebui" }), "sdwebui");
});

test("a picture of a model with a price of the user's is refused where it may not fit, and not asked for", async (t) => {
  const site = await startSite(t);
  const environment = {
    OPENAI_API_KEY: "sk-key-of-a-test",
    OPENAI_API_BASE_URL: `${site.url}/v1`,
    IMAGE_MODEL: "own-pictures",
  };
  const images = await imagesOf(t, environment, 0.1);
  const order = { prompt: "a heron", size: "1024", step: 1, signal: new AbortController().signal };
  await assert.rejects(async () => images?.send(order), { reason: "limit-cost" });
  assert.equal(site.requests.length, 0);
});

test("a picture that cannot be had says how often it was tried, and nothing of ending the run", async (t) => {
  const busy = await startSite(t, { "*": (_request, response) => void response.writeHead(503).end("busy") });
  const images = await imagesOf(t, { IMAGE_PROVIDER: "sdwebui", SD_WEBUI_URL: busy.url });
  const order = { prompt: "a heron", size: "512", step: 1, signal: new AbortController().signal };
  await assert.rejects(async () => images?.send(order), /answers with status 503\..* It was tried 3 times\.$/);
  assert.equal(busy.requests.length, 3);
});
