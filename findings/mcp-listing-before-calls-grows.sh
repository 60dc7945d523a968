#!/bin/bash
# @modelcontextprotocol/client 2.4.0 with @modelcontextprotocol/server-memory 2026.8.31 over stdio, seen 2026-11-29.
#
# Seen: a client that lists the tools before it calls one keeps about 70 KB of memory for each such pair, and never lets
# go of it while it is connected: 400 pairs are 28 MB after a full collection, 10,000 steps of an agent 700 MB, more
# with more tools. Lists alone, or calls alone, keep nothing. (After each list the first call compiles the output
# schemas of all tools anew, also if the list is the same, and the validator keeps every schema object that it ever
# compiled.)
#
# Guessed: asking for a list that has not changed is free but for the time; what a new list replaces is let go. Listing
# before use is what one does against descriptions that change behind one's back, and where notifications do not arrive.
# An agent that runs for days ends out of memory, and its heap is full of JSON Schema. Compare the lists yourself and
# call through `client.request()`, or connect anew from time to time.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @modelcontextprotocol/client@2.4.0 @modelcontextprotocol/server-memory@2026.8.31 >/dev/null 2>&1
cat > run.mjs <<'J'
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
console.log(`Node ${process.version}`);
const heap = () => { global.gc(); return process.memoryUsage().heapUsed / 1024; };
const rounds = 400;
const ways = {
  "lists alone": async (client) => { await client.listTools(); },
  "calls alone": async (client) => { await client.callTool({ name: "read_graph", arguments: {} }); },
  "a list before each call": async (client) => { await client.listTools(); await client.callTool({ name: "read_graph", arguments: {} }); },
};
for (const [way, round] of Object.entries(ways)) {
  const client = new Client({ name: "finding", version: "1" });
  await client.connect(new StdioClientTransport({ command: process.execPath, stderr: "ignore", args: ["node_modules/@modelcontextprotocol/server-memory/dist/index.js"], env: { MEMORY_FILE_PATH: `${process.cwd()}/memory.jsonl` } }));
  const { tools } = await client.listTools();
  for (let index = 0; index < 50; index++) await round(client);
  const before = heap();
  for (let index = 0; index < rounds; index++) await round(client);
  const kept = (heap() - before) / rounds;
  console.log(`${way}, ${tools.length} tools: ${kept.toFixed(1)} KB kept a round, ${((kept * rounds) / 1024).toFixed(1)} MB in all`);
  if (way === "a list before each call" ? kept < 15 : kept > 5) { console.log("CHANGED"); process.exitCode = 1; }
  await client.close();
}
J
node --expose-gc run.mjs
