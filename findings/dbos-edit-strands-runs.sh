#!/bin/bash
# @dbos-inc/dbos-sdk 5.3.0 (durable workflows) on PostgreSQL 15, seen 2026-11-29.
#
# Seen: a program is killed in the middle of a workflow and started again: the workflow goes on where it was. If in
# between a remark was added to the workflow's source, or another workflow was added to the program, it never goes on:
# it stays PENDING, the log says "No workflows to recover", nothing fails, and waiting for its result waits. If the
# function of a *step* was changed, it does go on, with a mixture of old and new results. (Only workflows of the
# program's own version are taken up, and the version is a hash of the source texts of all registered workflows, of the
# SDK's version and of the program's name; steps do not count.)
#
# Guessed: the promise is that a workflow survives whatever happens to its process, so the usual order of events, it
# crashes, one mends it, one starts it again, is what it is for. A fix, a formatter, a bundler with other settings, or
# an update of the SDK leaves every unfinished run behind. Set applicationVersion yourself, and list what is PENDING
# under another version at each start.
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
export DATABASE="postgresql://dbos@127.0.0.1:$port/runs"
cat > program.mjs <<'J'
import { DBOS } from "@dbos-inc/dbos-sdk";
const [what, id] = process.argv.slice(2);
async function step() {
  return "old step";
}
const flow = DBOS.registerWorkflow(async function flow() {
  const first = await DBOS.runStep(step, { name: "first" });
  if (what === "crash") process.kill(process.pid, "SIGKILL");
  return `${first}, ${await DBOS.runStep(step, { name: "second" })}`;
}, { name: "flow" });
DBOS.setConfig({ name: "program", systemDatabaseUrl: process.env.DATABASE, logLevel: "error" });
await DBOS.launch();
if (what === "crash") await DBOS.startWorkflow(flow, { workflowID: id })();
// Long enough for a workflow of two steps, of which one is done; the unedited program ends well before.
const result = await DBOS.getResult(id, 15);
console.log(JSON.stringify({ status: (await DBOS.getWorkflowStatus(id)).status, result }));
await DBOS.shutdown();
J
sed 's|^  const first|  // What comes first\n&|' program.mjs > remark.mjs
sed 's|^DBOS.setConfig|DBOS.registerWorkflow(async function other() {}, { name: "other" });\n&|' program.mjs > other-workflow.mjs
sed 's|"old step"|"new step"|' program.mjs > changed-step.mjs
echo "Node $(node --version)"
status=0
for change in program remark other-workflow changed-step; do
  { node program.mjs crash "run-$change"; } >/dev/null 2>&1 || true
  seen=$(node --no-deprecation "$change.mjs" recover "run-$change")
  case $change in
    program) expected='{"status":"SUCCESS","result":"old step, old step"}' ;;
    changed-step) expected='{"status":"SUCCESS","result":"old step, new step"}' ;;
    *) expected='{"status":"PENDING","result":null}' ;;
  esac
  echo "killed, then started as $change: $seen"
  [ "$seen" = "$expected" ] || { echo "CHANGED: expected $expected"; status=1; }
done
exit $status
