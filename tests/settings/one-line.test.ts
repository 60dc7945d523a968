import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHooks } from "../../src/settings/ai/programs/hooks.js";
import { parseServers } from "../../src/settings/ai/programs/servers.js";

test("servers, tools and hooks are found in a settings file that is one line of JSON", () => {
  const written = {
    ai_name: "A",
    mcpServers: { files: { command: "node" } },
    tools: ["files"],
    hooks: { "run-end": "true" },
  };
  const text = JSON.stringify(written);
  assert.deepEqual(parseServers(text, "x.yaml"), { servers: written.mcpServers, tools: ["files"] });
  assert.equal(parseHooks(text, "x.yaml").length, 1);
});
