#!/bin/bash
# opencode-ai 1.18.33, `opencode run --format json`, with a server that speaks OpenAI's chat protocol, seen 2026-11-29.
#
# Seen: in a run without a terminal the model asks to read a file outside the folder. By default that is a question to
# the user; nobody is there, and it is refused in the user's name ("The user rejected permission …"). With that the
# whole run is over: the model does not hear of the refusal and is not asked again, there is no closing text, no error
# event, and the exit status is 0, as of a task that was done. What the refusal was is one line on standard error. With
# `"permission": { "external_directory": "deny" }`, the stricter setting, the model is told, goes on, and finishes.
#
# Guessed: a refused call is a result like any other, as with "deny", so that the model takes another way; or a run that
# could not go on fails. A nightly job stops at the first look beyond its folder (a cache, a header, /tmp) and is
# counted as a success. Set what may come up to "deny" or "allow", never leave "ask", and look for a last step with the
# reason "stop".
set -eu
folder=$(mktemp -d); server=; trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund opencode-ai@1.18.33 >/dev/null 2>&1
mkdir home work outside; echo text > outside/notes.txt
cat > server.mjs <<'J'
import { createServer } from "node:http";
import { appendFileSync, writeFileSync } from "node:fs";
const server = createServer(async (request, response) => {
  let text = "";
  for await (const part of request) text += part;
  if (request.method !== "POST") return response.writeHead(404).end("{}");
  const { messages, tools } = JSON.parse(text);
  const told = messages.at(-1).role === "tool";
  if (tools?.length) appendFileSync("requests", `${messages.at(-1).role}\n`);
  const read = { index: 0, id: "call", type: "function", function: { name: "read", arguments: JSON.stringify({ filePath: `${process.cwd()}/outside/notes.txt` }) } };
  const [delta, reason] = !tools?.length ? [{ content: "A title" }, "stop"] : told ? [{ content: "I found another way" }, "stop"] : [{ tool_calls: [read] }, "tool_calls"];
  const chunk = (choice) => `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1, model: "some-model", choices: [{ index: 0, ...choice }] })}\n\n`;
  response.writeHead(200, { "content-type": "text/event-stream" }).end(`${chunk({ delta: { role: "assistant", ...delta } })}${chunk({ delta: {}, finish_reason: reason })}data: [DONE]\n\n`);
});
server.listen(0, "127.0.0.1", () => writeFileSync("port", String(server.address().port)));
J
node server.mjs & server=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
node_modules/.bin/opencode --version
status=0
for setting in ask deny; do
  : > requests
  node -e '
    const permission = process.argv[1] === "ask" ? {} : { permission: { external_directory: "deny" } };
    const options = { baseURL: `http://127.0.0.1:${process.argv[2]}/v1`, apiKey: "none" };
    const provider = { local: { npm: "@ai-sdk/openai-compatible", name: "local", options, models: { "some-model": { name: "some-model", limit: { context: 100000, output: 8000 } } } } };
    console.log(JSON.stringify({ model: "local/some-model", autoupdate: false, share: "disabled", provider, ...permission }));' "$setting" "$(cat port)" > work/opencode.json
  code=0
  (cd work; env -i PATH="$PATH" HOME="$folder/home" OPENCODE_DISABLE_MODELS_FETCH=1 OPENCODE_DISABLE_AUTOUPDATE=1 OPENCODE_DISABLE_LSP_DOWNLOAD=1 \
    timeout 200 ../node_modules/.bin/opencode run --format json "Read the notes" </dev/null >../events 2>../errors) || code=$?
  seen=$(node -e '
    const { readFileSync } = require("node:fs");
    const events = readFileSync("events", "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
    const reason = events.filter((event) => event.type === "step_finish").at(-1)?.part.reason;
    const error = events.find((event) => event.type === "tool_use").part.state.error.slice(0, 28);
    const text = events.find((event) => event.type === "text")?.part.text ?? "none";
    const asked = readFileSync("requests", "utf8").trim().split("\n").length;
    console.log(`"${error}…"; the model was asked ${asked} times; closing text: ${text}; error events: ${events.filter((event) => event.type === "error").length}; last step: ${reason}`);')
  echo "$setting: $seen; exit status $code"
  case $setting in
    ask) expected='"The user rejected permission…"; the model was asked 1 times; closing text: none; error events: 0; last step: tool-calls; exit status 0' ;;
    deny) expected='"The user has specified a rul…"; the model was asked 2 times; closing text: I found another way; error events: 0; last step: stop; exit status 0' ;;
  esac
  [ "$seen; exit status $code" = "$expected" ] || { echo "CHANGED: expected $expected"; status=1; }
done
exit $status
