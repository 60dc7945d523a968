#!/bin/bash
# @openai/codex 0.171.0, `codex exec --json` and `codex exec resume --json`, with a server that speaks the Responses
# protocol and says 1,000 input tokens for each request, seen 2026-11-29.
#
# Seen: the event `turn.completed` carries `usage`, and it is not the usage of that turn but of the whole thread since
# its beginning, over all processes: a first turn of two requests says 2,000, a resumed one of one request says 3,000,
# the next 4,000. A turn that fails after it was paid for (`turn.failed`) says nothing; what it used appears in the sum
# of the next turn that does not fail.
#
# Guessed: an event of a turn tells of the turn, and one process counts what it did itself; a failed turn costs what it
# cost. Whoever adds up the usage of turns, for a budget or a bill, counts the first turn of n turns n times, so long
# threads look dearer with the square of their length, and a budget stops them early. Take the difference to the
# thread's last figure, also over restarts.
set -eu
folder=$(mktemp -d); server=; trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @openai/codex@0.171.0 >/dev/null 2>&1
mkdir home work
cat > server.mjs <<'J'
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
const command = { type: "function_call", id: "item", call_id: "call", name: "exec_command", arguments: JSON.stringify({ cmd: "echo hello", yield_time_ms: 10_000 }) };
const message = { type: "message", role: "assistant", id: "item", content: [{ type: "output_text", text: "done" }] };
// One entry for each request; a number is a status.
const script = [command, message, message, message, command, 400, message];
let requests = 0;
const server = createServer((request, response) => request.resume().on("end", () => {
  if (request.method !== "POST" || !request.url.endsWith("/responses")) return response.writeHead(404).end("{}");
  const item = script[requests++];
  if (typeof item === "number") return response.writeHead(item, { "content-type": "application/json" }).end(JSON.stringify({ error: { message: "refused", type: "invalid_request_error" } }));
  const id = `response-${requests}`;
  const usage = { input_tokens: 1000, input_tokens_details: { cached_tokens: 0 }, output_tokens: 10, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 1010 };
  const events = [["response.created", { response: { id } }], ["response.output_item.done", { output_index: 0, item }], ["response.completed", { response: { id, output: [item], usage } }]];
  response.writeHead(200, { "content-type": "text/event-stream" }).end(events.map(([type, event]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...event })}\n\n`).join(""));
}));
server.listen(0, "127.0.0.1", () => writeFileSync("port", String(server.address().port)));
J
node server.mjs & server=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
cat > home/config.toml <<T
model = "some-model"
model_provider = "local"
[model_providers.local]
name = "local"
base_url = "http://127.0.0.1:$(cat port)/v1"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
T
codex() { CODEX_HOME="$folder/home" timeout 120 node_modules/.bin/codex exec --json --skip-git-repo-check -s danger-full-access -C work "$@" </dev/null 2>/dev/null || true; }
node_modules/.bin/codex --version
status=0
check() {
  seen=$(node -e '
    const events = require("node:fs").readFileSync(0, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
    const last = events.filter((event) => event.type.startsWith("turn.")).at(-1);
    console.log(`${last.type}, input_tokens ${last.usage?.input_tokens ?? "unsaid"}`);')
  echo "$1: $seen"
  [ "$seen" = "$2" ] || { echo "CHANGED: expected $2"; return 1; }
}
codex "Begin" | check "first turn, 2 requests" "turn.completed, input_tokens 2000" || status=1
codex resume --last "Go on" | check "second turn, 1 request" "turn.completed, input_tokens 3000" || status=1
codex resume --last "Go on" | check "third turn, 1 request" "turn.completed, input_tokens 4000" || status=1
codex resume --last "Go on" | check "fourth turn, 1 request and a refused one" "turn.failed, input_tokens unsaid" || status=1
codex resume --last "Go on" | check "fifth turn, 1 request" "turn.completed, input_tokens 6000" || status=1
exit $status
