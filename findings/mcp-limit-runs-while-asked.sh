#!/bin/bash
# @modelcontextprotocol/client 2.4.0 with server 2.4.0 over stdio (protocol 2025-11-25), seen 2026-11-28.
#
# Seen: a tool asks the user something (elicitation) in the middle of a call. The call's time limit goes on while the
# client's own handler waits for the person: whoever thinks longer than the limit (60 s by default) finds the call failed
# with REQUEST_TIMEOUT. `resetTimeoutOnProgress` does not help, since a request of the server's is no progress. The
# handler's signal is not aborted, so the question stays on the screen; its answer is then delivered all the same, the tool
# goes on with it and does its work, and the result is thrown away.
#
# Guessed: the clock stands still, or begins anew, while the one whose limit it is has the next move; or the question is
# withdrawn together with the call. So an agent that lets a person answer in their own time reports a failure for something
# that was agreed to and done. Give such calls a limit of your own by `signal`, which stops while the handler is at work.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @modelcontextprotocol/client@2.4.0 @modelcontextprotocol/server@2.4.0 >/dev/null 2>&1
cat > server.mjs <<'J'
import { McpServer } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
const server = new McpServer({ name: "asks", version: "1" });
server.registerTool("greet", { description: "Greets" }, async () => {
  const requestedSchema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
  const { content } = await server.server.elicitInput({ message: "Your name?", requestedSchema }, { timeout: 60_000 });
  process.stderr.write(`done for ${content?.name}\n`);
  return { content: [{ type: "text", text: `Hello ${content?.name}` }] };
});
await server.connect(new StdioServerTransport());
J
cat > run.mjs <<'J'
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
console.log(`Node ${process.version}`);
const limits = { "plain limit": {}, "limit reset on progress": { resetTimeoutOnProgress: true, onprogress() {} } };
for (const [what, extra] of Object.entries(limits))
  for (const [user, ms, expected] of [
    ["quick", 100, "Hello Ada; the tool: done for Ada; question withdrawn: false"],
    ["slow", 3_000, "REQUEST_TIMEOUT; the tool: done for Ada; question withdrawn: false"],
  ]) {
    const client = new Client({ name: "finding", version: "1" }, { capabilities: { elicitation: { form: {} } } });
    let withdrawn = false;
    client.setRequestHandler("elicitation/create", async (_request, { mcpReq }) => {
      mcpReq.signal.addEventListener("abort", () => (withdrawn = true));
      await new Promise((resolve) => setTimeout(resolve, ms));
      return { action: "accept", content: { name: "Ada" } };
    });
    const transport = new StdioClientTransport({ command: process.execPath, args: ["server.mjs"], stderr: "pipe" });
    const done = new Promise((resolve) => {
      transport.stderr.once("data", (bytes) => resolve(String(bytes).trim()));
      setTimeout(resolve, 10_000, "not done").unref();
    });
    await client.connect(transport);
    const outcome = await client.callTool({ name: "greet", arguments: {} }, { timeout: 1_500, ...extra })
      .then(({ content }) => content[0].text, (error) => error.code);
    const seen = `${outcome}; the tool: ${await done}; question withdrawn: ${withdrawn}`;
    console.log(`${what}, ${user} user: ${seen}`);
    if (seen !== expected) { console.log(`CHANGED: expected ${expected}`); process.exitCode = 1; }
    await client.close();
  }
J
node run.mjs
