#!/bin/bash
# @modelcontextprotocol/client 2.4.0 against a server of @modelcontextprotocol/server 2.4.0 with node 2.1.2
# (streamable HTTP, sessions on), and against server-everything 2026.8.31, seen 2026-11-28.
#
# Seen: after the server was restarted, a client that was connected before never gets a tool call through again. The new
# server process answers the old session with 400 "Server not initialized" (server-everything: 400 "No valid session ID
# provided"), and with the 404 of the specification only once some other client has been there first. On 404, too, the
# client neither starts a new session nor drops the old id: it sends it with every further call. What is thrown has the
# code CLIENT_HTTP_NOT_IMPLEMENTED, for 400 and 404 alike, and `onclose` is not called.
#
# Guessed: the specification says that a server answers 404 for a session that it does not know and that the client then
# must start a new one, and both sides are the official libraries, so a restart costs one call at most. An agent that
# runs for days loses each of its HTTP servers at the server's first update, and sees a code that reads like a missing
# feature. Make a new client (and ask again what the lost call did) when a call is answered with 400 or 404.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @modelcontextprotocol/client@2.4.0 @modelcontextprotocol/server@2.4.0 @modelcontextprotocol/node@2.1.2 @modelcontextprotocol/server-everything@2026.8.31 >/dev/null 2>&1
cat > server.mjs <<'J'
import { randomUUID } from "node:crypto";
import http from "node:http";
import { NodeStreamableHTTPServerTransport } from "@modelcontextprotocol/node";
import { McpServer } from "@modelcontextprotocol/server";
const server = new McpServer({ name: "one-tool", version: "1" });
server.registerTool("hello", { description: "Says hello" }, async () => ({ content: [{ type: "text", text: "hello" }] }));
const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID() });
await server.connect(transport);
http.createServer((request, response) => transport.handleRequest(request, response)).listen(Number(process.env.PORT), "127.0.0.1", () => console.error("listening"));
J
cat > run.mjs <<'J'
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
console.log(`Node ${process.version}`);
const freePort = async () => { const taken = net.createServer().listen(0, "127.0.0.1"); await once(taken, "listening"); const { port } = taken.address(); taken.close(); await once(taken, "close"); return port; };
const start = async (args, port) => {
  const child = spawn(process.execPath, args, { env: { ...process.env, PORT: String(port) }, stdio: ["ignore", "ignore", "pipe"] });
  for await (const text of child.stderr) if (/listening/i.test(text)) break;
  // Until the port answers, whatever the server says of itself.
  for (;;) { try { await fetch(`http://127.0.0.1:${port}/mcp`, { method: "OPTIONS" }); return child; } catch { await new Promise((resume) => setTimeout(resume, 50)); } }
};
const end = async (child) => { child.kill("SIGKILL"); await once(child, "exit"); };
const connect = async (port) => {
  const statuses = [];
  const transport = new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), {
    fetch: async (url, options) => { const answer = await fetch(url, options); if (options?.method === "POST") statuses.push(answer.status); return answer; },
  });
  const client = new Client({ name: "finding", version: "1" });
  let closed = false;
  client.onerror = () => {}; client.onclose = () => (closed = true);
  await client.connect(transport);
  const call = async (tool, args) => { try { await client.callTool({ name: tool, arguments: args }, { timeout: 20000 }); return "ok"; } catch (error) { return `${statuses.at(-1)} ${error.code}`; } };
  return { client, call, session: () => transport.sessionId, closed: () => closed };
};
const check = (title, seen, expected) => { console.log(`${title.padEnd(48)} ${seen}`); if (seen !== expected) { console.log(`CHANGED: expected ${expected}`); process.exitCode = 1; } };
for (const [name, args, tool, toolArgs] of [
  ["server 2.4.0", ["server.mjs"], "hello", {}],
  ["server-everything", ["node_modules/@modelcontextprotocol/server-everything/dist/index.js", "streamableHttp"], "echo", { message: "hello" }],
]) {
  const port = await freePort();
  let child = await start(args, port);
  const before = await connect(port);
  const session = before.session();
  check(`${name}: before the restart`, await before.call(tool, toolArgs), "ok");
  await end(child);
  child = await start(args, port);
  // The first call may still meet a connection of the dead process.
  await before.call(tool, toolArgs);
  check(`${name}: after it`, await before.call(tool, toolArgs), "400 CLIENT_HTTP_NOT_IMPLEMENTED");
  const other = await connect(port);
  check(`${name}: another client, after it`, await other.call(tool, toolArgs), "ok");
  check(`${name}: the old client, after the other`, await before.call(tool, toolArgs), name === "server 2.4.0" ? "404 CLIENT_HTTP_NOT_IMPLEMENTED" : "400 CLIENT_HTTP_NOT_IMPLEMENTED");
  check(`${name}: and once more`, await before.call(tool, toolArgs), name === "server 2.4.0" ? "404 CLIENT_HTTP_NOT_IMPLEMENTED" : "400 CLIENT_HTTP_NOT_IMPLEMENTED");
  check(`${name}: its session is the old one, closed`, `${before.session() === session} ${before.closed()}`, "true false");
  await end(child);
}
process.exit();
J
node run.mjs
