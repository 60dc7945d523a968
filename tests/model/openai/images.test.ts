import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createCatalog } from "../../../src/model/catalog/catalog.js";
import { createGovernor } from "../../../src/model/budget/governor.js";
import { huggingFaceImages, sdWebuiImages } from "../../../src/model/openai/image-services.js";
import { createModelServer } from "../../../src/model/http/server.js";
import type { ModelEvent } from "../../../src/history/events.js";
import { openAiImages } from "../../../src/model/openai/images.js";
import { createTokenCounter } from "../../../src/model/tokens.js";
import { imageAnswer, onePixel } from "../../support/services/fake-images.js";
import { startSite, type Route } from "../../support/services/site.js";

const call = () => ({ step: 1, signal: new AbortController().signal });
const answering =
  (body: string | Buffer, status = 200): Route =>
  (_request, response) =>
    void response.writeHead(status).end(body);

async function openAi(t: TestContext, model: string, route: Route = answering(JSON.stringify(imageAnswer))) {
  const site = await startSite(t, { "/v1/images/generations": route });
  const server = createModelServer({ baseUrl: `${site.url}/v1`, apiKey: "sk-key", timeoutMs: 60_000 });
  const entry = createCatalog().get(model);
  const counter = createTokenCounter(entry);
  return { site, entry, model: openAiImages({ server, entry, setting: "IMAGE_MODEL", counter }) };
}

test("pitfall 62: an image is asked for at the configured size, or the next larger one that is known", async (t) => {
  const { site, model } = await openAi(t, "gpt-image-2.6-flare");
  const asked: unknown[] = [];
  for (const size of ["256", "512", "1024", "1536x1024", "300x900", "auto"]) {
    const { bytes, usage } = await model.send({ prompt: "a heron", size, ...call() });
    assert.deepEqual(bytes, onePixel);
    assert.deepEqual(usage, { promptTokens: 14, cachedTokens: 0, completionTokens: 1056 });
    asked.push((JSON.parse(site.requests.at(-1)?.body ?? "") as { size: string }).size);
  }
  const square = "1024x1024";
  assert.deepEqual(asked, [square, square, square, "1536x1024", "1024x1536", "auto"]);
  assert.ok(site.requests.every(({ body }) => !body.includes("response_format")));
  const other = await openAi(t, "local-diffusion");
  await other.model.send({ prompt: "a heron", size: "512", ...call() });
  const body = JSON.parse(other.site.requests[0]?.body ?? "") as Record<string, unknown>;
  assert.deepEqual([body["size"], body["response_format"]], ["512x512", "b64_json"]);
});

test("a model that was shut down is named, with the one to use in its place", async (t) => {
  const gone = JSON.stringify({ error: { message: "no", code: "model_not_found", type: "x", param: null } });
  const { model } = await openAi(t, "dall-e-3", answering(gone, 404));
  await assert.rejects(model.send({ prompt: "x", size: "1024", ...call() }), {
    message: /2026-05-12/,
    advice: /IMAGE_MODEL=gpt-image-2\.6-flare/,
  });
});

test("an image is set aside, journalled and counted like any request, and refused where it does not fit", async (t) => {
  const { site, entry, model } = await openAi(t, "gpt-image-2.6-flare");
  const events: ModelEvent[] = [];
  const emit = async (event: ModelEvent) => void events.push(event);
  const governor = createGovernor({ limits: { costUsd: 0.5 }, emit });
  await governor.images(model, entry).send({ prompt: "a heron", size: "1024", ...call() });
  assert.deepEqual(
    events.map(({ type }) => type),
    ["model-requested", "model-replied"],
  );
  const totals = governor.totals();
  assert.equal(totals.requests, 1);
  assert.ok(Math.abs(totals.costUsd - (14 * 5 + 1056 * 30) / 1e6) < 1e-9, String(totals.costUsd));
  const poor = createGovernor({ limits: { costUsd: 0.1 }, emit }).images(model, entry);
  await assert.rejects(poor.send({ prompt: "a heron", size: "1024", ...call() }), { reason: "limit-cost" });
  assert.equal(site.requests.length, 1);
});

test("Hugging Face's router gives the bytes of an image, and its refusals are told", async (t) => {
  const site = await startSite(t, {
    "/models/maker/model": answering(onePixel),
    "/models/maker/other": answering(JSON.stringify({ error: "Model hf_secret is loading" }), 503),
  });
  const options = { baseUrl: site.url, token: "hf_secret", timeoutMs: 60_000 };
  const { bytes } = await huggingFaceImages({ ...options, model: "maker/model" }).send({
    prompt: "a heron",
    size: "512",
    ...call(),
  });
  assert.deepEqual(bytes, onePixel);
  assert.equal(site.requests[0]?.headers.authorization, "Bearer hf_secret");
  assert.deepEqual(JSON.parse(site.requests[0]?.body ?? ""), {
    inputs: "a heron",
    parameters: { width: 512, height: 512 },
  });
  const other = huggingFaceImages({ ...options, model: "maker/other" });
  await assert.rejects(other.send({ prompt: "x", size: "512", ...call() }), (thrown: Error & { kind?: string }) => {
    assert.equal(thrown.kind, "server-fault");
    assert.doesNotMatch(thrown.message, /hf_secret/);
    return true;
  });
});

test("an image service that redirects is not followed, so that no token goes elsewhere", async (t) => {
  const elsewhere = await startSite(t, { "*": answering(onePixel) });
  const site = await startSite(t, {
    "*": (_request, response) => void response.writeHead(307, { location: elsewhere.url }).end(),
  });
  const images = huggingFaceImages({ baseUrl: site.url, token: "hf_secret", model: "maker/model", timeoutMs: 60_000 });
  await assert.rejects(images.send({ prompt: "x", size: "512", ...call() }), {
    kind: "refused",
    message: /status 307, which is not followed/,
  });
  assert.equal(elsewhere.connections(), 0);
});

test("an image service that does not answer in time is left", async (t) => {
  const site = await startSite(t, { "*": () => undefined });
  const images = sdWebuiImages({ baseUrl: site.url, auth: undefined, timeoutMs: 300 });
  await assert.rejects(images.send({ prompt: "x", size: "512", ...call() }), {
    kind: "timeout",
    message: /did not answer within 0\.3 seconds/,
  });
});

test("a Stable Diffusion WebUI is asked with the original's sampler and its own user and password", async (t) => {
  const site = await startSite(t, {
    "/sdapi/v1/txt2img": answering(JSON.stringify({ images: [onePixel.toString("base64")] })),
  });
  const webui = sdWebuiImages({ baseUrl: site.url, auth: "me:secret", timeoutMs: 60_000 });
  assert.deepEqual((await webui.send({ prompt: "a heron", size: "256", ...call() })).bytes, onePixel);
  const body = JSON.parse(site.requests[0]?.body ?? "") as Record<string, unknown>;
  assert.deepEqual([body["width"], body["height"], body["sampler_name"], body["steps"]], [256, 256, "DDIM", 20]);
  assert.equal(site.requests[0]?.headers.authorization, `Basic ${Buffer.from("me:secret").toString("base64")}`);
});
