#!/bin/bash
# @langchain/langgraph 1.7.3 with @langchain/langgraph-checkpoint-postgres 1.0.5 (PostgreSQL 15), seen 2026-11-29.
#
# Seen: an agent's conversation of 400 messages of a kilobyte, 0.4 MB of text, leaves about 100 MB in the database; 200
# messages leave 25 MB, 100 leave 6. Twice the steps, four times the bytes: 10,000 steps would be some 60 GB in one
# thread. What each step wrote is stored too, and is 0.4 MB in all. The saver for SQLite (1.0.4) gives the same figures.
#
# Guessed: the saver for PostgreSQL keeps each channel apart and only what has changed, and a channel of messages is a
# list that one appends to, so a step costs what it adds. (A channel that has grown is stored again as a whole at every
# step, and nothing removes the older ones.) Runs that go on for days fill the disk, and each step writes the whole
# history. Delete old checkpoints, keep histories short, or look at the beta class DeltaChannel.
set -eu
folder=$(mktemp -d); chmod 755 "$folder"
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
cleanup() { [ ! -f "$folder/data/postmaster.pid" ] || as_postgres "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap cleanup EXIT
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq postgresql; } >/dev/null
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
cd "$folder"; npm init -y >/dev/null
npm install --silent --no-audit --no-fund @langchain/langgraph@1.7.3 @langchain/core@1.4.0 @langchain/langgraph-checkpoint-postgres@1.0.5 >/dev/null 2>&1
port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
mkdir data; [ "$(id -u)" != 0 ] || chown postgres data
as_postgres "$bin/initdb" -D "$folder/data" -A trust -U agent >/dev/null
as_postgres "$bin/pg_ctl" -D "$folder/data" -w -o "-p $port -k '' -h 127.0.0.1 -c fsync=off" -l "$folder/data/log" start >/dev/null
cat > run.mjs <<'J'
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { randomBytes } from "node:crypto";
console.log(`Node ${process.version}`);
const saver = PostgresSaver.fromConnString(`postgresql://agent@127.0.0.1:${process.argv[2]}/postgres`);
await saver.setup();
const sum = async (table, thread) => Number((await saver.pool.query(`select sum(length(blob)) as bytes from ${table} where thread_id = $1`, [thread])).rows[0].bytes) / 1e6;
const stored = {};
for (const steps of [100, 200, 400]) {
  let step = 0;
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("step", () => { step += 1; return { messages: [{ role: "assistant", content: randomBytes(512).toString("hex") }] }; })
    .addEdge(START, "step")
    .addConditionalEdges("step", () => (step < steps ? "step" : END))
    .compile({ checkpointer: saver });
  const thread = `thread-${steps}`;
  const { messages } = await graph.invoke({ messages: [{ role: "user", content: "Go" }] }, { configurable: { thread_id: thread }, recursionLimit: 10_000 });
  const text = messages.reduce((total, message) => total + message.content.length, 0) / 1e6;
  stored[steps] = await sum("checkpoint_blobs", thread);
  console.log(`${steps} steps: ${text.toFixed(2)} MB of text, ${stored[steps].toFixed(1)} MB of checkpoints, ${(await sum("checkpoint_writes", thread)).toFixed(2)} MB of what the steps wrote`);
}
await saver.end();
const ratios = [stored[200] / stored[100], stored[400] / stored[200]];
console.log(`twice the steps: ${ratios.map((ratio) => ratio.toFixed(2)).join(" and ")} times the bytes`);
if (ratios.some((ratio) => ratio < 3.5) || stored[400] < 50) { console.log("CHANGED: expected four times, and some 100 MB"); process.exitCode = 1; }
J
node run.mjs "$port"
