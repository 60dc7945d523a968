#!/bin/bash
# openai 6.49.0 on Node 20.20.2, seen 2026-11-30.
#
# Seen: each request is given AbortSignal.any([…]) of two signals that live no longer than the request. All requests are answered, all
# references are gone, and every one of those signals is still in memory, with its sources, the request's AbortController and the
# client's listener: some 2 KB a request. With the signal of an AbortController in its place all are collected.
#
# Guessed: what an answered request was given is collected with it. But the client listens to the signal and does not stop
# when the answer is there, and Node keeps a signal of AbortSignal.any in a set of its own for as long as anybody listens to it, also
# where its sources are gone and nobody could abort it any more. A program that asks for weeks grows by that.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund openai@6.49.0 >/dev/null 2>&1
cat > run.mjs <<'J'
import { createServer } from "node:http";
import OpenAI from "openai";
console.log(`Node ${process.version}`);
const answer = JSON.stringify({ object: "list", data: [] });
const server = createServer((request, response) => {
  request.resume().on("end", () => response.setHeader("content-type", "application/json").end(answer));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const client = new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${server.address().port}/v1` });
const requests = 300;
const ways = {
  "AbortSignal.any": () => AbortSignal.any([new AbortController().signal, new AbortController().signal]),
  "an AbortController's": () => new AbortController().signal,
};
async function ask(signalOf) {
  const signal = signalOf();
  await client.post("/embeddings", { body: { model: "m", input: "text" }, signal });
  return new WeakRef(signal);
}
for (const [name, signalOf] of Object.entries(ways)) {
  const signals = [];
  for (let count = 0; count < requests; count++) signals.push(await ask(signalOf));
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
  }
  const kept = signals.filter((signal) => signal.deref() !== undefined).length;
  console.log(`signals by ${name}: ${requests} requests answered, ${kept} of their signals still in memory`);
  // The last request may be held by what is about to end.
  const isAsSeen = name === "AbortSignal.any" ? kept === requests : kept <= 5;
  if (!isAsSeen) { console.log("CHANGED"); process.exitCode = 1; }
}
server.close();
server.closeAllConnections();
J
node --expose-gc run.mjs
