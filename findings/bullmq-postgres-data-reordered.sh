#!/bin/bash
# BullMQ 6.7.0 on its PostgreSQL back end (PostgreSQL 15, pg 8), seen 2026-11-28.
#
# Seen: a job's data comes back with its keys in another order than it was added with (shorter names first, then by
# bytes), in nested objects and in the result too, and `null` as data comes back as `{}`. The Job that add() returns
# still has the old order; only a worker, or another process, sees the new one. On Redis the data is the same text,
# byte for byte.
#
# Guessed: data goes in as JSON text and comes out as the same text, as on Redis. So a record that carries a hash or
# signature of its own JSON, or that is compared as text, is "damaged" for every worker once the queue moves from Redis
# to PostgreSQL. Such records have to be put in as one string.
set -eu
folder=$(mktemp -d); chmod 755 "$folder"
cleanup() { [ -z "${redis:-}" ] || kill "$redis" 2>/dev/null || true; [ ! -f "$folder/data/postmaster.pid" ] || as_postgres "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap cleanup EXIT
command -v redis-server >/dev/null && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq redis-server postgresql; } >/dev/null
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
cd "$folder"; npm init -y >/dev/null; npm install --silent --no-audit --no-fund bullmq@6.7.0 pg@8 ioredis@6.0.0 >/dev/null 2>&1
export REDIS_PORT=$(port) PG_PORT=$(port)
redis-server --port "$REDIS_PORT" --save "" --dir "$folder" >/dev/null & redis=$!
mkdir data; [ "$(id -u)" != 0 ] || chown postgres data
as_postgres "$bin/initdb" -D "$folder/data" -A trust -U queue >/dev/null
as_postgres "$bin/pg_ctl" -D "$folder/data" -w -o "-p $PG_PORT -k '' -h 127.0.0.1" -l "$folder/data/log" start >/dev/null
cat > run.mjs <<'J'
import { createHash } from "node:crypto";
import { Queue, QueueEvents, Worker, createPostgresBackend } from "bullmq";
import { readFileSync } from "node:fs";
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
console.log(`bullmq ${version("bullmq")}, pg ${version("pg")}, Node ${process.version}`);
const backends = {
  redis: [{ connection: { url: `redis://127.0.0.1:${process.env.REDIS_PORT}` } }],
  postgres: [{ connection: { connectionString: `postgres://queue@127.0.0.1:${process.env.PG_PORT}/postgres`, migrate: true } }, createPostgresBackend],
};
const line = { type: "step-end", step: 1, at: "2026-11-28T00:00:00Z", usage: { prompt: 10, answer: 2 } };
const sum = (value) => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);
const seen = {};
for (const [backend, [options, factory]] of Object.entries(backends)) {
  const make = (Class, ...rest) => new Class("lines", ...rest, factory).on("error", () => {});
  const queue = make(Queue, options);
  await queue.waitUntilReady();
  const events = make(QueueEvents, options);
  await events.waitUntilReady();
  const worker = make(Worker, async (job) => ({ text: JSON.stringify(job.data), sum: sum(job.data) }), options);
  for (const [name, data] of [["object", line], ["string", JSON.stringify(line)], ["null", null]]) {
    const job = await queue.add(name, data, { jobId: `job-${name}` });
    const result = await job.waitUntilFinished(events, 60_000);
    seen[`${backend} ${name}`] = { same: result.sum === sum(data), text: result.text };
  }
  await Promise.all([worker.close(), events.close()]);
  await queue.close();
}
console.log("added".padEnd(18), JSON.stringify(line), sum(line));
for (const [name, { same, text }] of Object.entries(seen)) console.log(name.padEnd(18), same ? "same hash " : "OTHER HASH", text);
const expected = { "redis object": true, "redis string": true, "redis null": true, "postgres object": false, "postgres string": true, "postgres null": false };
for (const [name, same] of Object.entries(expected)) if (seen[name].same !== same) { console.log(`CHANGED: ${name}`); process.exitCode = 1; }
setTimeout(() => process.exit(), 3000).unref();
J
node run.mjs
