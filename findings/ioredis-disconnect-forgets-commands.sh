#!/bin/bash
# ioredis 6.0.0 and 5.8.2, bullmq 6.7.0, Redis 7.0, seen 2026-11-30.
#
# Seen: where the server has gone, and the client waits to connect again, disconnect() ends that waiting, and nothing else: commands that
# wait to be sent neither resolve nor reject any more, the event "end" does not come, and the status stays "reconnecting". A process that
# awaits one of these commands ends all the same, since nothing holds it, with the warning about a top-level await that is not settled.
# bullmq's Worker waits for that "end" in close(), which therefore never resolves, and a timer of its own holds the process for ever.
#
# Guessed: disconnect() settles what was asked for, as it does at any other moment ("Connection is closed."), and tells of the end; close() of
# a worker without jobs comes to an end when its server is gone. What helps: connect() and once more disconnect() right after it.
set -eu
folder=$(mktemp -d); trap '[ -z "${redis:-}" ] || kill "$redis" 2>/dev/null || true; rm -rf "$folder"' EXIT; cd "$folder"
command -v redis-server >/dev/null || { apt-get update -qq && apt-get install -y -qq redis-server; } >/dev/null
npm init -y >/dev/null
npm install --silent --no-audit --no-fund ioredis5@npm:ioredis@5.8.2 ioredis@6.0.0 bullmq@6.7.0 >/dev/null 2>&1
export PORT=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
redis-server --port "$PORT" --save "" --dir "$folder" >/dev/null & export REDIS_PID=$!; redis=$REDIS_PID
cat > run.mjs <<'J'
import { Redis as Redis6 } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { Worker } from "bullmq";
import { setTimeout as delay } from "node:timers/promises";
const port = Number(process.env.PORT);
// Each waits ten seconds before it connects again, so that it is between two tries for certain.
const options = { port, maxRetriesPerRequest: null, protocol: 2, retryStrategy: () => 10_000 };
const clients = { "ioredis 5.8.2": new Redis5(options), "ioredis 6.0.0": new Redis6(options), "ioredis 6.0.0, connect() and disconnect() behind it": new Redis6(options) };
for (const client of Object.values(clients)) {
  client.on("error", () => undefined);
  await client.ping();
}
console.log((await clients["ioredis 6.0.0"].info("server")).match(/redis_version:\S+/)[0], `Node ${process.version}`);
const connection = new Redis6(options);
connection.on("error", () => undefined);
const worker = new Worker("jobs", async () => "done", { connection });
worker.on("error", () => undefined);
await worker.waitUntilReady();
await delay(500);
process.kill(Number(process.env.REDIS_PID));
for (const client of [...Object.values(clients), connection]) while (client.status !== "reconnecting") await delay(20);
await delay(500);
const seen = {};
for (const [name, client] of Object.entries(clients)) {
  const facts = { get: "pending", end: false };
  client.get("key").then(() => (facts.get = "resolved"), (error) => (facts.get = error.message));
  client.on("end", () => (facts.end = true));
  client.disconnect();
  if (name.includes("behind it")) { client.connect().catch(() => undefined); client.disconnect(); }
  seen[name] = facts;
}
seen["bullmq 6.7.0"] = { close: "pending" };
worker.close().then(() => (seen["bullmq 6.7.0"].close = "resolved"), () => (seen["bullmq 6.7.0"].close = "rejected"));
await delay(3_000);
connection.disconnect();
await delay(7_000);
for (const [name, client] of Object.entries(clients)) seen[name].status = client.status;
for (const [name, facts] of Object.entries(seen)) console.log(name.padEnd(52), JSON.stringify(facts));
const forgotten = { get: "pending", end: false, status: "reconnecting" };
const expected = {
  "ioredis 5.8.2": forgotten,
  "ioredis 6.0.0": forgotten,
  "ioredis 6.0.0, connect() and disconnect() behind it": { get: "Connection is closed.", end: true, status: "end" },
  "bullmq 6.7.0": { close: "pending" },
};
let code = 0;
for (const [name, facts] of Object.entries(expected)) if (JSON.stringify(seen[name]) !== JSON.stringify(facts)) { console.log(`CHANGED: ${name}, was ${JSON.stringify(facts)}`); code = 1; }
process.exit(code);
J
node run.mjs
