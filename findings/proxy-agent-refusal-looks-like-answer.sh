#!/bin/bash
# https-proxy-agent 7.0.6 with node-fetch 3.3.2 (the way that the openai client and others send), seen 2026-11-28.
#
# Seen: when a proxy refuses to open a tunnel (CONNECT answered with 407 or 403), nothing fails. The proxy's refusal is
# handed on as if the target had answered it: response.status is the proxy's, response.url is the target's https
# address, and the body is the proxy's page, which came without any encryption and from another machine.
#
# Guessed: no tunnel, no connection: fetch rejects, as browsers do (ERR_TUNNEL_CONNECTION_FAILED).
# A client that maps statuses to advice tells its user "403: check your API key" while the key never left the machine;
# and what a proxy writes is taken for what the model's server says. Look at the status with the proxy in mind.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null; npm install --silent --no-audit --no-fund https-proxy-agent@7.0.6 node-fetch@3.3.2 >/dev/null 2>&1
cat > run.mjs <<'J'
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { HttpsProxyAgent } from "https-proxy-agent";
import fetch from "node-fetch";
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
console.log(`https-proxy-agent ${version("https-proxy-agent")}, node-fetch ${version("node-fetch")}, Node ${process.version}`);
const seen = [];
for (const [status, reason] of [[407, "Proxy Authentication Required"], [403, "Forbidden"]]) {
  const page = `<p>${reason}, says the proxy</p>`;
  const proxy = createServer().on("connect", (request, socket) => socket.end(`HTTP/1.1 ${status} ${reason}\r\ncontent-type: text/html\r\ncontent-length: ${page.length}\r\nconnection: close\r\n\r\n${page}`));
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const agent = new HttpsProxyAgent(`http://127.0.0.1:${proxy.address().port}`);
  const result = await fetch("https://model.invalid/v1/models", { agent }).then(async (response) => `status ${response.status} from ${response.url}: ${await response.text()}`, (error) => `rejected: ${error.code ?? error.message}`);
  console.log(`CONNECT refused with ${status}: ${result}`);
  seen.push(result === `status ${status} from https://model.invalid/v1/models: ${page}`);
  proxy.close();
}
if (seen.includes(false)) { console.log("CHANGED"); process.exitCode = 1; }
J
node run.mjs
