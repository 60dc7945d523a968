#!/bin/bash
# @modelcontextprotocol/server 2.4.0 and client 2.4.0, seen 2026-11-28.
#
# Seen: a client with a handler for notifications/tools/list_changed is told when a tool is added, as long as it speaks
# the older protocol (2025-11-25, the client's default). With `versionNegotiation: { mode: "auto" }` the same two
# programs agree on 2026-07-28 and the handler is never called: no error, no warning, although the server still declares
# `tools.listChanged`. The list itself does change when it is asked for again.
#
# Guessed: the handler is part of the client's interface, and negotiation chooses how messages travel, not whether they
# arrive. (In the newer protocol notifications have to be subscribed to first.) A client that pins tool descriptions and
# waits for this notification to look at them again is blind after turning negotiation on: list the tools before use.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null; npm install --silent --no-audit --no-fund @modelcontextprotocol/client@2.4.0 @modelcontextprotocol/server@2.4.0 zod@4.6.7 >/dev/null 2>&1
cat > server.mjs <<'J'
import { McpServer } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
const make = () => {
  const server = new McpServer({ name: "growing", version: "1.0.0" });
  const answer = async () => ({ content: [{ type: "text", text: "ok" }] });
  server.registerTool("grow", {}, async () => {
    server.registerTool("second", {}, answer);
    return answer();
  });
  return server;
};
if (process.argv[2] === "auto") serveStdio(make);
else await make().connect(new StdioServerTransport());
J
cat > run.mjs <<'J'
import { readFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
console.log(`server ${version("@modelcontextprotocol/server")}, client ${version("@modelcontextprotocol/client")}, Node ${process.version}`);
const expected = { legacy: 1, auto: 0 };
for (const mode of ["legacy", "auto"]) {
  const client = new Client({ name: "reader", version: "1.0.0" }, mode === "auto" ? { versionNegotiation: { mode } } : {});
  let told = 0;
  client.setNotificationHandler("notifications/tools/list_changed", () => { told += 1; });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: ["server.mjs", mode], stderr: "inherit" }));
  const before = (await client.listTools()).tools.length;
  await client.callTool({ name: "grow", arguments: {} });
  const until = Date.now() + (expected[mode] ? 30_000 : 5000);
  while (told === 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  const after = (await client.listTools()).tools.length;
  const declared = client.getServerCapabilities()?.tools?.listChanged;
  console.log(`${client.getNegotiatedProtocolVersion()} (${mode}): listChanged declared ${declared}; tools ${before} → ${after}; notifications ${told}`);
  if (told !== expected[mode] || after !== before + 1) { console.log("CHANGED"); process.exitCode = 1; }
  await client.close();
}
J
node run.mjs
