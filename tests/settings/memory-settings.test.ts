import assert from "node:assert/strict";
import { test } from "node:test";
import { loadSettings } from "../../src/settings/load.js";
import { memoryServices } from "../../src/settings/memory-services.js";
import { temporaryFolder } from "../support/program.js";

async function services(t: Parameters<typeof temporaryFolder>[0], environment: Record<string, string>) {
  const { settings } = await loadSettings({ cwd: await temporaryFolder(t), environment });
  return memoryServices(settings);
}

test("the services of the first versions' settings: this computer's Redis, and a serverless index in us-east-1", async (t) => {
  const old = { REDIS_PASSWORD: "", PINECONE_API_KEY: "your-pinecone-api-key", PINECONE_ENV: "your-pinecone-region" };
  assert.deepEqual(await services(t, old), {
    redis: { url: undefined, host: "localhost", port: 6379, password: undefined, tls: false },
    pinecone: { apiKey: undefined, baseUrl: "https://api.pinecone.io", cloud: "aws", region: "us-east-1" },
  });
});

test("PINECONE_ENV is understood where it names a region and a cloud, and the new names win over it", async (t) => {
  for (const [name, cloud, region] of [
    ["us-east-1-aws", "aws", "us-east-1"],
    ["europe-west4-gcp", "gcp", "europe-west4"],
    ["us-west4-gcp-free", "gcp", "us-west4"],
    ["EASTUS2-AZURE", "azure", "eastus2"],
  ] as const) {
    const { pinecone } = await services(t, { PINECONE_ENV: name });
    assert.deepEqual([pinecone.cloud, pinecone.region], [cloud, region]);
  }
  const { pinecone } = await services(t, {
    PINECONE_ENV: "us-west4-gcp",
    PINECONE_CLOUD: "azure",
    PINECONE_REGION: "eastus2",
  });
  assert.deepEqual([pinecone.cloud, pinecone.region], ["azure", "eastus2"]);
});

test("other environments of Pinecone are refused with the names of today", async (t) => {
  await assert.rejects(services(t, { PINECONE_ENV: "gcp-starter" }), {
    name: "SettingsError",
    message:
      /^PINECONE_ENV in the environment is "gcp-starter".*PINECONE_CLOUD \(aws, gcp, azure\) and PINECONE_REGION/,
  });
});

test("a Redis address is checked, and no message shows it", async (t) => {
  const { redis } = await services(t, {
    REDIS_URL: "rediss://user:word@host:7000/2",
    REDIS_TLS: "yes",
    REDIS_PORT: "7001",
  });
  assert.equal(redis.url, "rediss://user:word@host:7000/2");
  assert.deepEqual([redis.port, redis.tls], [7001, true]);
  await assert.rejects(services(t, { REDIS_URL: "http://:a-secret-word@host" }), (error: Error) => {
    assert.match(error.message, /REDIS_URL in the environment.*redis:\/\/ or rediss:\/\//);
    return !error.message.includes("a-secret-word");
  });
  await assert.rejects(services(t, { REDIS_PORT: "70000" }), { message: /whole number from 1 to 65535/ });
});

test("passwords and keys of both services are masked", async (t) => {
  const environment = {
    REDIS_PASSWORD: "redis-password",
    REDIS_URL: "redis://:url%20password@localhost",
    PINECONE_API_KEY: "pcsk_0123456789",
  };
  const { secrets } = await loadSettings({ cwd: await temporaryFolder(t), environment });
  assert.deepEqual(secrets.toSorted(), ["pcsk_0123456789", "redis-password", "url password", "url%20password"]);
});
