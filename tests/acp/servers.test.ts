import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { McpServer } from "@agentclientprotocol/sdk";
import { eventsOfType, repository } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";
import { acpWorld, codeOf } from "./acp-world.js";

const done = reply("task_complete", { reason: "done" });
const server = (mode = ""): McpServer => ({
  name: "my test",
  command: process.execPath,
  args: [join(repository, "tests", "end-to-end", "mcp", "mcp-server.mjs")],
  env: [
    { name: "MODE", value: mode },
    { name: "SPELLED", value: "${HOME}" },
  ],
});

test("the editor's MCP servers take a yes, and their tools are commands of the session", async (t) => {
  const world = await acpWorld(t, [
    reply("my_test.echo", { text: "hello" }),
    done,
    reply("my_test.echo", { text: "hello" }),
    done,
  ]);
  const editor = await world.editor();
  const mcpServers = [server()];
  const session = await editor.open({ mcpServers });
  await editor.prompt(session, "Say hello");
  const titles = editor.permissions.map(({ toolCall }) => toolCall.title);
  assert.match(titles[0] ?? "", /Do you trust them in this folder\?/);
  assert.deepEqual(titles.slice(1, 2), ["my_test.echo: hello"]);

  const other = await world.editor({ answer: ({ toolCall }) => (/trust/.test(toolCall.toolCallId) ? "no" : "yes") });
  const changed = [{ ...server(), args: ["other.mjs"] }];
  await other.prompt(await other.open({ mcpServers: changed }), "Say hello");
  assert.match(other.text("agent_message_chunk"), /is not trusted, so the run goes on without it/);
  await assert.rejects(
    editor.open({ mcpServers: [{ type: "sse", name: "old", url: "https://example.org/sse", headers: [] }] }),
    codeOf(-32602),
  );
});

test("what a server asks is a form of the editor's, or is shown and parks the run", async (t) => {
  const chat = [reply("my_test.ask", {}), done];
  const mcpServers = [server("ask")];
  const withForms = await acpWorld(t, chat);
  let tries = 0;
  const editor = await withForms.editor({
    capabilities: { elicitation: { form: {} } },
    elicit: () => ({
      action: "accept",
      content: tries++ === 0 ? { name: "A", age: "old" } : { name: "Ada", age: "36" },
    }),
  });
  await editor.prompt(await editor.open({ mcpServers }), "Ask");
  assert.equal(editor.elicitations.length, 2);
  const [, second] = withForms.server.chatRequests();
  assert.match(JSON.stringify(second?.body?.messages), /Ada.{1,20}age.{1,10}36.{1,20}colour.{1,10}green/);
  assert.equal(eventsOfType(await withForms.journal(), "user-questioned")[0]?.reply, "answered");

  const without = await acpWorld(t, chat);
  const plain = await without.editor();
  assert.deepEqual(await plain.prompt(await plain.open({ mcpServers }), "Ask"), { stopReason: "end_turn" });
  assert.equal(eventsOfType(await without.journal(), "run-end").at(-1)?.reason, "parked");
  assert.match(plain.text("agent_message_chunk"), /asks you, and this editor cannot take an answer/);
});
