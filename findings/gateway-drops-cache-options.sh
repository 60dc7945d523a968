#!/bin/bash
# @portkey-ai/gateway 1.15.2 in front of a server that speaks OpenAI's protocol, seen 2026-11-28.
#
# Seen: of the three things that explicit prompt caching consists of, two pass and one is removed. `prompt_cache_key` and
# the marks inside the messages (`prompt_cache_breakpoint`) reach the server; `prompt_cache_options` does not. The
# client gets 200 and no word about it. So the client believes that it has turned the service's own breakpoint at the
# end of the last message off, the server still sets it, and each step pays for writing its whole changing tail.
# An error that is no JSON, and a connection that the server drops, come back as JSON under the key "html-message"
# (the dropped one with status 500), without the `error` object that clients of this protocol read.
#
# Guessed: a gateway either passes fields that it does not know or refuses them, and an error stays an `error`. Trust the
# usage that comes back (cache writes that nobody asked for), not the fact that a field was not refused.
set -eu
folder=$(mktemp -d)
trap '[ -z "${gateway:-}" ] || kill "$gateway" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null; npm install --silent --no-audit --no-fund @portkey-ai/gateway@1.15.2 >/dev/null 2>&1
port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
export GATEWAY_PORT=$(port)
node node_modules/@portkey-ai/gateway/build/start-server.js --port="$GATEWAY_PORT" --headless >gateway.log 2>&1 & gateway=$!
cat > run.mjs <<'J'
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
console.log(`@portkey-ai/gateway ${JSON.parse(readFileSync("node_modules/@portkey-ai/gateway/package.json")).version}, Node ${process.version}`);
let received;
const server = createServer(async (request, response) => {
  let text = "";
  for await (const piece of request) text += piece;
  received = JSON.parse(text);
  if (received.model === "busy") return response.writeHead(503, { "content-type": "text/plain" }).end("loading the model");
  if (received.model === "gone") return request.socket.destroy();
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ id: "1", object: "chat.completion", created: 1, model: received.model, choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }], usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 } }));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const gateway = `http://127.0.0.1:${process.env.GATEWAY_PORT}`;
for (let tries = 0; tries < 300; tries += 1) {
  if (await fetch(gateway).then(() => true, () => false)) break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const ask = async (model) => {
  const response = await fetch(`${gateway}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer none", "x-portkey-provider": "openai", "x-portkey-custom-host": `http://127.0.0.1:${server.address().port}/v1` },
    body: JSON.stringify({ model, prompt_cache_key: "run-1", prompt_cache_options: { mode: "explicit" }, messages: [{ role: "user", content: [{ type: "text", text: "What is next?", prompt_cache_breakpoint: { mode: "explicit" } }] }] }),
  });
  return { status: response.status, body: await response.json() };
};
const check = (what, seen, expected) => { console.log(`${what}: ${seen}`); if (seen !== expected) { console.log(`CHANGED, was: ${expected}`); process.exitCode = 1; } };
const { status } = await ask("any");
check("status for the client", String(status), "200");
check("prompt_cache_key at the server", JSON.stringify(received.prompt_cache_key), '"run-1"');
check("mark in the message at the server", JSON.stringify(received.messages[0].content[0].prompt_cache_breakpoint), '{"mode":"explicit"}');
check("prompt_cache_options at the server", String(JSON.stringify(received.prompt_cache_options)), "undefined");
const busy = await ask("busy");
check("503 with plain text", `${busy.status} ${JSON.stringify(busy.body)}`, '503 {"html-message":"loading the model"}');
const gone = await ask("gone");
check("connection dropped", `${gone.status}, keys: ${Object.keys(gone.body)}`, "500, keys: html-message");
server.closeAllConnections();
server.close();
J
node run.mjs
