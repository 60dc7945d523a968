import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { identityIn, keepPins, readPins } from "../../src/mcp/pins.js";
import { temporaryFolder } from "../support/program.js";

test("servers that start at the same time lose nothing of each other's", async (t) => {
  const trust = { file: join(await temporaryFolder(t), "trusted.json") };
  const names = Array.from({ length: 20 }, (_, index) => `server${index}`);
  await Promise.all(names.map((server) => keepPins(trust, [{ server, identity: "x", tools: [] }])));
  await Promise.all(names.slice(0, 5).map((server) => keepPins(trust, [{ server, identity: "x", tools: null }])));
  const kept = await readPins(trust);
  assert.deepEqual(kept.map(({ server }) => server).sort(), [...names].sort());
  assert.equal(kept.filter(({ tools }) => tools === null).length, 5);
});

test("a server that is trusted in a sandbox is another one outside it", () => {
  const server = {
    kind: "stdio" as const,
    name: "x",
    file: "x",
    timeoutMs: 1,
    command: "x",
    args: [],
    env: {},
    cwd: "/",
  };
  assert.notEqual(identityIn({ ...server, sandbox: true }), identityIn({ ...server, sandbox: false }));
});
