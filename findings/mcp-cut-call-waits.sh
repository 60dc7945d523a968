#!/bin/bash
# @modelcontextprotocol/client 2.4.0 with server 2.4.0 and node 2.1.2 (streamable HTTP), seen 2026-11-28.
#
# Seen: the network connection is cut while a tool is at work, and client, server and tool go on. The client notices at
# once (`onerror`: "SSE stream disconnected"), but the call itself neither fails nor is asked again: it waits until its
# own time limit and then says REQUEST_TIMEOUT, although the tool finished long before and its result was thrown away by
# the server. The same server with `enableJsonResponse: true` fails the call at once ("fetch failed"). Over stdio a cut
# call is rejected within milliseconds, with CONNECTION_CLOSED.
#
# Guessed: one library, one rule: a call whose connection is lost is rejected as such, or taken up again as streamable
# HTTP allows. With the generous limits that long tools need (an hour, extended by progress) an agent stands still for
# that hour after a router's hiccup, and then reports "timed out" for work that was done. Watch `onerror` while a call is
# open, and treat it as an unknown outcome.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @modelcontextprotocol/client@2.4.0 @modelcontextprotocol/server@2.4.0 @modelcontextprotocol/node@2.1.2 >/dev/null 2>&1
cat > run.mjs <<'J'
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { NodeStreamableHTTPServerTransport } from "@modelcontextprotocol/node";
import { McpServer } from "@modelcontextprotocol/server";
console.log(`Node ${process.version}`);
const listening = async (server) => { server.listen(0, "127.0.0.1"); await once(server, "listening"); return server.address().port; };
const limit = 6000;
for (const enableJsonResponse of [false, true]) {
  const server = new McpServer({ name: "slow", version: "1" });
  let begun, finish, finished = false;
  const atWork = new Promise((resolve) => (begun = resolve));
  server.registerTool("slow", { description: "Takes its time" }, async () => {
    begun();
    await new Promise((resolve) => (finish = resolve));
    finished = true;
    return { content: [{ type: "text", text: "done" }] };
  });
  const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID(), enableJsonResponse });
  await server.connect(transport);
  const target = await listening(http.createServer((request, response) => transport.handleRequest(request, response)));
  const sockets = new Set();
  const port = await listening(net.createServer((near) => {
    const far = net.connect(target, "127.0.0.1");
    sockets.add(near);
    for (const socket of [near, far]) socket.on("error", () => {}).on("close", () => { near.destroy(); far.destroy(); sockets.delete(near); });
    near.pipe(far).pipe(near);
  }));
  let answered;
  const headersCame = new Promise((resolve) => (answered = resolve));
  const client = new Client({ name: "finding", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), {
    fetch: async (url, options) => { const answer = await fetch(url, options); if (String(options?.body).includes("tools/call")) answered(); return answer; },
  }));
  const heard = new Promise((resolve) => (client.onerror = (error) => resolve(error.message)));
  const outcome = client.callTool({ name: "slow", arguments: {} }, { timeout: limit }).then(() => "answered", (error) => error.code ?? error.message);
  await atWork;
  if (!enableJsonResponse) await headersCame;
  const cutAt = Date.now();
  for (const socket of sockets) socket.destroy();
  console.log(`${enableJsonResponse ? "JSON answers" : "SSE answers "}: onerror says: ${(await heard).slice(0, 60)}`);
  finish();
  const seen = await outcome;
  const waited = Date.now() - cutAt > limit - 1500 ? "waited for the limit" : "at once";
  console.log(`${enableJsonResponse ? "JSON answers" : "SSE answers "}: the call ${waited}: ${seen}; the tool had finished: ${finished}`);
  const expected = enableJsonResponse ? "at once: fetch failed" : "waited for the limit: REQUEST_TIMEOUT";
  if (`${waited}: ${seen}` !== expected || !finished) { console.log(`CHANGED: expected ${expected}`); process.exitCode = 1; }
}
process.exit();
J
node run.mjs
