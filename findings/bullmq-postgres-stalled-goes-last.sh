#!/bin/bash
# BullMQ 6.7.0: one queue, two back ends (Redis 7; PostgreSQL 15 with pg 8), seen 2026-11-30.
#
# Seen: a job whose worker died (its lock has expired) is taken before all other waiting jobs on Redis, of whatever
# priority, and after all others of its priority on PostgreSQL. A delayed job whose time has come is the last of its
# priority on Redis, and on PostgreSQL it goes before those that were added after it.
#
# Guessed: what was interrupted is taken up again next, as on Redis. With 10,000 waiting jobs on PostgreSQL an
# interrupted job is done again after these 10,000. Who depends on it gives the job a better priority while it is active
# (job.changePriority), which both back ends keep.
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
  redis: [{ connection: { url: `redis://127.0.0.1:${process.env.REDIS_PORT}`, maxRetriesPerRequest: null } }],
  postgres: [{ connection: { connectionString: `postgres://queue@127.0.0.1:${process.env.PG_PORT}/postgres`, migrate: true } }, createPostgresBackend],
};
const seen = {};
for (const [backend, [options, factory]] of Object.entries(backends)) {
  const queue = new Queue("order", options, factory).on("error", () => {});
  await queue.waitUntilReady();
  const add = (name, more = {}) => queue.add(name, {}, { jobId: `job-${name}`, priority: 5, ...more });
  const manual = { ...options, autorun: false, lockDuration: 300, stalledInterval: 100 };
  const dying = new Worker("order", null, manual, factory).on("error", () => {});
  await add("died");
  await dying.getNextJob("token", { block: false }); // Nobody renews its lock.
  await add("delayed", { delay: 200 });
  for (const name of ["a", "b"]) await add(name);
  await add("urgent", { priority: 1 });
  const finder = new Worker("order", null, manual, factory).on("error", () => {});
  const found = new Promise((done) => finder.once("stalled", done));
  await finder.startStalledCheckTimer();
  await found;
  const order = [];
  for (let job; order.length < 5 && (job = await finder.getNextJob("next", { block: false })); ) order.push(job.name);
  seen[backend] = order.join(", ");
  await Promise.all([dying.close(true), finder.close(true), queue.close()]);
}
for (const [name, text] of Object.entries(seen)) console.log(name.padEnd(10), text);
const expected = { redis: "died, urgent, a, b, delayed", postgres: "urgent, delayed, a, b, died" };
for (const [name, text] of Object.entries(expected)) if (seen[name] !== text) { console.log(`CHANGED: ${name}`); process.exitCode = 1; }
setTimeout(() => process.exit(), 3000).unref();
J
node run.mjs
