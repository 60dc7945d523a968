#!/bin/bash
# BullMQ 6.7.0 on its PostgreSQL back end (PostgreSQL 15, pg 8), seen 2026-11-28.
#
# Seen: a result, a progress report or a log line that contains the character U+0000 cannot be stored on PostgreSQL.
# The processor has finished, yet its job is moved to "failed" with PostgreSQL's own words. If the processor *fails*
# and the message of its error contains that character, the failure cannot be stored either: the job stays active
# until its lock runs out, is run a second time, and ends as "stalled more than allowable limit"; the true reason is
# kept nowhere. On Redis the same jobs complete, and fail once with their own message.
#
# Guessed: results are JSON, JSON can hold every character, and the two back ends of one library keep the same values;
# at worst a bad value is refused where it is handed in. Output of programs does contain NUL characters: whoever queues
# commands has to remove or encode them (lone surrogates too, which PostgreSQL refuses in the same way) before they
# reach a result or an error.
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
import { Queue, QueueEvents, Worker, createPostgresBackend } from "bullmq";
import { readFileSync } from "node:fs";
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
console.log(`bullmq ${version("bullmq")}, pg ${version("pg")}, Node ${process.version}`);
const zero = String.fromCharCode(0);
const backends = {
  redis: [{ connection: { url: `redis://127.0.0.1:${process.env.REDIS_PORT}` } }],
  postgres: [{ connection: { connectionString: `postgres://queue@127.0.0.1:${process.env.PG_PORT}/postgres`, migrate: true } }, createPostgresBackend],
};
const work = {
  plain: async () => "output",
  result: async () => `out${zero}put`,
  progress: async (job) => { await job.updateProgress({ line: `out${zero}put` }); return "output"; },
  log: async (job) => { await job.log(`out${zero}put`); return "output"; },
  error: async () => { throw new Error(`exit 1: out${zero}put`); },
};
const seen = {};
for (const [backend, [options, factory]] of Object.entries(backends)) {
  const make = (Class, ...rest) => new Class("runs", ...rest, factory).on("error", () => {});
  const queue = make(Queue, options);
  await queue.waitUntilReady();
  const events = make(QueueEvents, options);
  await events.waitUntilReady();
  const runs = {};
  const worker = make(Worker, async (job) => { runs[job.name] = (runs[job.name] ?? 0) + 1; return work[job.name](job); }, { ...options, lockDuration: 3000, stalledInterval: 2000 });
  for (const name of Object.keys(work)) {
    const job = await queue.add(name, {}, { jobId: `job-${name}` });
    const end = await job.waitUntilFinished(events, 60_000).then(() => "completed", (error) => `failed: ${error.message.replaceAll(zero, "<NUL>")}`);
    seen[`${backend} ${name}`] = `${end} (${runs[name]} run${runs[name] > 1 ? "s" : ""})`;
  }
  await Promise.all([worker.close(), events.close()]);
  await queue.close();
}
for (const [name, end] of Object.entries(seen)) console.log(name.padEnd(20), end);
const expected = (name, pattern) => { if (!pattern.test(seen[name])) { console.log(`CHANGED: ${name}`); process.exitCode = 1; } };
for (const name of ["plain", "result", "progress", "log"]) expected(`redis ${name}`, /^completed \(1 run\)/);
expected("redis error", /^failed: exit 1: out<NUL>put \(1 run\)/);
expected("postgres plain", /^completed \(1 run\)/);
expected("postgres result", /^failed: unsupported Unicode escape sequence \(1 run\)/);
expected("postgres progress", /^failed: unsupported Unicode escape sequence \(1 run\)/);
expected("postgres log", /^failed: invalid byte sequence .* \(1 run\)/);
expected("postgres error", /^failed: job stalled more than allowable limit \(2 runs\)/);
setTimeout(() => process.exit(), 3000).unref();
J
node run.mjs
