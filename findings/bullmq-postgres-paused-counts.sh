#!/bin/bash
# BullMQ 6.7.0: one queue, two back ends (Redis 7; PostgreSQL 15 with pg 8), seen 2026-11-28.
#
# Seen: while a queue is paused, getJobCounts() and getWaitingCount() count its waiting jobs on Redis and say 0 on
# PostgreSQL, where getWaiting() lists them all the same. And among jobs of one priority, `lifo: true` changes nothing
# on Redis (first come, first served), but on PostgreSQL such a job goes before the others of its priority.
#
# Guessed: the numbers and the order belong to the library, not to the store. A monitor or an autoscaler that takes
# "nothing waits, nothing is active" for "all done" ends its workers, or reports success, in the middle of a paused
# queue on PostgreSQL. Ask isPaused() and count the list itself.
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
import { Queue, Worker, createPostgresBackend } from "bullmq";
import { readFileSync } from "node:fs";
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
console.log(`bullmq ${version("bullmq")}, pg ${version("pg")}, Node ${process.version}`);
const backends = {
  redis: [{ connection: { url: `redis://127.0.0.1:${process.env.REDIS_PORT}` } }],
  postgres: [{ connection: { connectionString: `postgres://queue@127.0.0.1:${process.env.PG_PORT}/postgres`, migrate: true } }, createPostgresBackend],
};
const seen = {};
for (const [backend, [options, factory]] of Object.entries(backends)) {
  const queue = new Queue("paused", options, factory).on("error", () => {});
  await queue.waitUntilReady();
  await queue.pause();
  for (const name of ["a", "b", "c"]) await queue.add(name, {}, { jobId: `job-${name}` });
  seen[`${backend} while paused`] = `waiting ${(await queue.getJobCounts()).waiting}, getWaitingCount ${await queue.getWaitingCount()}, getWaiting lists ${(await queue.getWaiting()).length}`;
  const ordered = new Queue("ordered", options, factory).on("error", () => {});
  for (const [name, lifo] of [["first", false], ["second", false], ["third-lifo", true]]) await ordered.add(name, {}, { jobId: `job-${name}`, priority: 5, lifo });
  const order = [];
  const worker = await new Promise((done) => {
    const started = new Worker("ordered", async (job) => { order.push(job.name); if (order.length === 3) done(started); }, options, factory).on("error", () => {});
  });
  seen[`${backend} order`] = order.join(", ");
  await worker.close();
  await ordered.close();
  await queue.close();
}
for (const [name, text] of Object.entries(seen)) console.log(name.padEnd(22), text);
const expected = {
  "redis while paused": "waiting 3, getWaitingCount 3, getWaiting lists 3",
  "postgres while paused": "waiting 0, getWaitingCount 0, getWaiting lists 3",
  "redis order": "first, second, third-lifo",
  "postgres order": "third-lifo, first, second",
};
for (const [name, text] of Object.entries(expected)) if (seen[name] !== text) { console.log(`CHANGED: ${name}`); process.exitCode = 1; }
setTimeout(() => process.exit(), 3000).unref();
J
node run.mjs
