#!/bin/bash
# @modelcontextprotocol/server 2.4.0 and client 2.4.0 with zod 4.6.7, seen 2026-11-28.
#
# Seen: a server with three tools starts, and says nothing. One of them takes a date (`z.coerce.date()`):
# registerTool() accepts it, and callTool() runs every one of the three. But each
# tools/list is answered with the error -32603 "Date cannot be represented in JSON Schema", so no client ever learns of
# any of the tools. The answer names neither the tool nor the argument. Both generations of the protocol behave so.
#
# Guessed: registerTool() throws, as it does for a name that is taken; or the one tool is left out of the list. To a
# client it looks like a server without tools: report the server's error with its name, and do not take it for empty.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null; npm install --silent --no-audit --no-fund @modelcontextprotocol/client@2.4.0 @modelcontextprotocol/server@2.4.0 zod@4.6.7 >/dev/null 2>&1
cat > server.mjs <<'J'
import { McpServer } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
const make = () => {
  const server = new McpServer({ name: "calendar", version: "1.0.0" });
  const answer = async (input) => ({ content: [{ type: "text", text: `called with ${JSON.stringify(input)}` }] });
  server.registerTool("today", { inputSchema: z.object({}) }, answer);
  server.registerTool("note", { inputSchema: z.object({ text: z.string() }) }, answer);
  if (process.argv[3] === "with-date") server.registerTool("remind", { inputSchema: z.object({ at: z.coerce.date() }) }, answer);
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
console.log(`server ${version("@modelcontextprotocol/server")}, client ${version("@modelcontextprotocol/client")}, zod ${version("zod")}, Node ${process.version}`);
for (const mode of ["legacy", "auto"])
  for (const tools of ["without-date", "with-date"]) {
    const client = new Client({ name: "reader", version: "1.0.0" }, mode === "auto" ? { versionNegotiation: { mode } } : {});
    await client.connect(new StdioClientTransport({ command: process.execPath, args: ["server.mjs", mode, tools], stderr: "inherit" }));
    const list = await client.listTools().then((result) => result.tools.map((tool) => tool.name).join(", "), (error) => `error ${error.code}: ${error.message}`);
    const call = (name, input) => client.callTool({ name, arguments: input }).then((result) => result.content[0].text, (error) => `error: ${error.message}`);
    const calls = [await call("note", { text: "milk" }), tools === "with-date" ? await call("remind", { at: "2026-12-24" }) : ""];
    console.log(`${client.getNegotiatedProtocolVersion()} ${tools}: tools/list → ${list}; note → ${calls[0]}${calls[1] && `; remind → ${calls[1]}`}`);
    const expected = tools === "with-date" ? "error -32603: Date cannot be represented in JSON Schema" : "today, note";
    if (list !== expected || !calls[0].startsWith("called with") || (calls[1] && !calls[1].startsWith("called with"))) { console.log("CHANGED"); process.exitCode = 1; }
    await client.close();
  }
J
node run.mjs
