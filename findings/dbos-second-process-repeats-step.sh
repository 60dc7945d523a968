#!/bin/bash
# @dbos-inc/dbos-sdk 5.3.0 (durable workflows) on PostgreSQL 15, seen 2026-11-29.
#
# Seen: one process is at work on a workflow, in the middle of a step that takes some seconds. A second process of the
# same program is started, with the same settings: a replica, a second terminal. At its start it takes the running
# workflow for a crashed one and has it recovered, and the step that is being carried out is begun a second time while
# the first goes on: two payments at once. The first execution then says that the workflow "is no longer owned by this
# execution"; both processes report the same, correct result.
#
# Guessed: what is running holds a lock or a lease in the database, as in queues (BullMQ, pg-boss), and is taken over
# only when that runs out; a step runs twice only after a crash. (Here what is PENDING belongs to an "executor", and
# every process is called "local" unless DBOS__VMID says otherwise; with names of their own a process that died for good
# is never recovered by another, unless a service watches over them.) Give each process its own name, and let steps that
# pay or send recognise themselves.
set -eu
folder=$(mktemp -d); chmod 755 "$folder"
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
cleanup() { [ ! -f "$folder/data/postmaster.pid" ] || as_postgres "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap cleanup EXIT
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq postgresql; } >/dev/null
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
cd "$folder"; npm init -y >/dev/null; npm install --silent --no-audit --no-fund @dbos-inc/dbos-sdk@5.3.0 >/dev/null 2>&1
port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
mkdir data; [ "$(id -u)" != 0 ] || chown postgres data
as_postgres "$bin/initdb" -D "$folder/data" -A trust -U dbos >/dev/null
as_postgres "$bin/pg_ctl" -D "$folder/data" -w -o "-p $port -k '' -h 127.0.0.1" -l "$folder/data/log" start >/dev/null
cat > program.mjs <<'J'
import { DBOS } from "@dbos-inc/dbos-sdk";
import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
// A payment ends when the file "paid" appears, so that the test decides how long it takes.
async function pay() {
  appendFileSync(process.env.LOG, "begun\n");
  while (!existsSync(process.env.PAID)) await wait(50);
  return "paid";
}
const flow = DBOS.registerWorkflow(async function flow() {
  return DBOS.runStep(pay, { name: "pay" });
}, { name: "flow" });
DBOS.setConfig({ name: "program", systemDatabaseUrl: process.env.DATABASE, logLevel: "error" });
await DBOS.launch();
if (process.argv[2] === "first") await DBOS.startWorkflow(flow, { workflowID: "order-1" })();
console.log(`${process.argv[2]} process: ${await DBOS.getResult("order-1", 60)}`);
await DBOS.shutdown();
J
cat > run.mjs <<'J'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
console.log(`Node ${process.version}`);
for (const [names, expected] of [["the default names", 2], ["names of their own", 1]]) {
  const id = names.replaceAll(" ", "_");
  const env = { ...process.env, LOG: `log-${id}`, PAID: `paid-${id}`, DATABASE: `postgresql://dbos@127.0.0.1:${process.argv[2]}/${id}`, NODE_OPTIONS: "--no-deprecation" };
  delete env.DBOS__VMID;
  const start = (which) => spawn(process.execPath, ["program.mjs", which], { env: expected === 1 ? { ...env, DBOS__VMID: which } : env, stdio: ["ignore", "inherit", "ignore"] });
  const begun = () => (existsSync(env.LOG) ? readFileSync(env.LOG, "utf8").split("\n").length - 1 : 0);
  const first = start("first");
  const firstEnded = once(first, "exit");
  while (begun() < 1) await wait(50);
  const second = start("second");
  const secondEnded = once(second, "exit");
  for (let turn = 0; begun() < 2 && turn < 200; turn++) await wait(50); // ten seconds to be recovered in
  const seen = begun();
  writeFileSync(env.PAID, "");
  await Promise.all([firstEnded, secondEnded]);
  console.log(`two processes with ${names}: the payment was begun ${seen} times before it was done once`);
  if (seen !== expected) { console.log(`CHANGED: expected ${expected}`); process.exitCode = 1; }
}
J
timeout 200 node run.mjs "$port"
