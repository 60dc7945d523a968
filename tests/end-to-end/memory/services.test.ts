import assert from "node:assert/strict";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { spawnSync } from "node:child_process";
import { startFakePinecone } from "../../support/services/fake-pinecone.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { repository, temporaryFolder, writeAi } from "../../support/program.js";
import { startRedis } from "../../support/services/redis-server.js";
import { scriptedWorld } from "../support/scripted-world.js";

const missing = {
  redis: "Error: Redis is not installed. Please install ioredis to use Redis as a memory backend.",
  pinecone: "Error: Pinecone is not installed. Please install pinecone to use Pinecone as a memory backend.",
};

for (const [backend, message] of Object.entries(missing)) {
  test(`where the client of ${backend} is not installed, the run ends with code 2 and these words`, async (t) => {
    const folder = await temporaryFolder(t);
    const program = join(folder, "program");
    await mkdir(program);
    for (const part of ["bin", "dist", "package.json"])
      await cp(join(repository, part), join(program, part), { recursive: true, preserveTimestamps: true });
    await writeAi(folder);
    const { status, stderr } = spawnSync(process.execPath, [join(program, "bin", "autogpt.js"), "-c", "-m", backend], {
      cwd: folder,
      encoding: "utf8",
      env: {
        PATH: process.env["PATH"],
        HOME: folder,
        OPENAI_API_BASE_URL: "http://127.0.0.1:9/v1",
        PINECONE_API_KEY: "pcsk_0123456789",
      },
    });
    assert.equal(stderr.trim().split("\n").at(-1), message);
    assert.equal(status, 2);
  });
}

test("two runs at Pinecone: the second recalls what the first one did, and no key is shown", async (t) => {
  const server = await startFakePinecone();
  t.after(() => server.close());
  const env = {
    MEMORY_BACKEND: "pinecone",
    PINECONE_API_KEY: server.apiKey,
    PINECONE_API_BASE_URL: server.url,
    PINECONE_ENV: "us-east-1-aws",
  };
  const world = await scriptedWorld(
    t,
    [
      reply("write_to_file", { file: "a.txt", text: `the needle, and ${server.apiKey}` }),
      reply("task_complete", { reason: "done" }),
      reply("task_complete", { reason: "done" }),
    ],
    { env },
  );
  for (let run = 0; run < 2; run += 1) {
    const { code, stdout, stderr } = await world.run(["-c"]);
    assert.equal(code, 0, stderr);
    assert.ok(!`${stdout}${stderr}`.includes(server.apiKey));
  }
  assert.match(JSON.stringify(world.messages(2).at(-1)), /events from your past.*the needle/s);
  const kept = server.namespaces("auto-gpt").flatMap((namespace) => [...server.rows("auto-gpt", namespace).values()]);
  assert.equal(kept.length, 3);
  assert.ok(!JSON.stringify(kept).includes(server.apiKey));
});

test("a pod environment that is gone is refused with the new names", async (t) => {
  const world = await scriptedWorld(t, [], {
    env: { MEMORY_BACKEND: "pinecone", PINECONE_API_KEY: "pcsk_0123456789", PINECONE_ENV: "gcp-starter" },
  });
  const { code, stderr } = await world.run(["-c"]);
  assert.equal(code, 2);
  assert.match(stderr, /PINECONE_ENV in the environment is "gcp-starter".*PINECONE_CLOUD.*PINECONE_REGION/);
});

test("Redis over TLS, with its password in REDIS_URL, which is shown nowhere", async (t) => {
  const folder = await temporaryFolder(t);
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"];
  const made = spawnSync("openssl", [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    key,
    "-out",
    certificate,
    ...subject,
  ]);
  if (made.status !== 0) return t.skip("needs openssl, to make a certificate");
  const server = await startRedis(t, ["--requirepass", "long-secret-word"], { key, certificate });
  if (server === null) return;
  const url = `rediss://:long-secret-word@localhost:${server.port}`;
  const env = { MEMORY_BACKEND: "redis", REDIS_URL: url, NODE_EXTRA_CA_CERTS: certificate };
  const script = [
    reply("write_to_file", { file: "a.txt", text: "the word is long-secret-word" }),
    reply("task_complete", {}),
  ];
  const world = await scriptedWorld(t, script, { env });
  const { code, stdout, stderr } = await world.run(["-c", "--debug"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Memory: redis, \d records/);
  assert.ok(!`${stdout}${stderr}`.includes("long-secret-word"));

  const distrusted = await world.run(["-c"], { env: { NODE_EXTRA_CA_CERTS: "" } });
  assert.equal(distrusted.code, 2);
  assert.match(distrusted.stderr, /Redis at localhost:\d+ cannot be used.*self-signed certificate/);
});
