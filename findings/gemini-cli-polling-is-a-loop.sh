#!/bin/bash
# @google/gemini-cli 0.61.0, `gemini -p … --output-format json`, with a server that speaks Gemini's protocol and says
# 1,000 prompt tokens for each request, seen 2026-11-29.
#
# Seen: a model waits for a build and reads its progress file again and again; each time it says something new (15, 30,
# 45, 60 percent). At the fifth look the call is not carried out, and the model is told that it repeats itself without
# new results; when it looks once more, the run is over. The exit status is 0, `response` is the empty text, there is no
# `error`, and "Loop detected" is one of the `warnings`. The statistics count 4 requests and 4,000 tokens, the server 6
# and 6,000: those that led to the end are left out.
#
# Guessed: a loop is the same call with the same result (only name and arguments are compared), a run that is broken off
# does not exit like one that is done, and a tool that waits may be asked five times. A nightly run that waits for a
# build, a deployment or a long command ends after seconds as a success without an answer. Let one command do the
# waiting, and take an empty `response` for a failure.
set -eu
folder=$(mktemp -d); server=; trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --omit=optional @google/gemini-cli@0.61.0 >/dev/null 2>&1
mkdir -p home/.gemini work
echo '{"security":{"auth":{"selectedType":"gemini-api-key"}},"general":{"enableAutoUpdate":false},"privacy":{"usageStatisticsEnabled":false},"telemetry":{"enabled":false}}' > home/.gemini/settings.json
cat > server.mjs <<'J'
import { createServer } from "node:http";
import { appendFileSync, writeFileSync } from "node:fs";
// A build that gets on by 15 % between two looks, and a model that looks until it is at 100 %.
let percent = 0;
const server = createServer(async (request, response) => {
  let text = "";
  for await (const part of request) text += part;
  if (!request.url.includes("GenerateContent")) return response.writeHead(404).end("{}");
  const { contents } = JSON.parse(text);
  const last = JSON.stringify(contents.at(-1));
  appendFileSync("requests", `${/at \d+ percent/.exec(last)?.[0] ?? (last.includes("loop detected") ? "loop?" : "other")}\n`);
  percent = Math.min(100, percent + 15);
  writeFileSync("work/progress.txt", `The build is at ${percent} percent\n`);
  const part = last.includes("at 100 percent") ? { text: "The build is done" } : { functionCall: { name: "read_file", args: { file_path: "progress.txt" } } };
  const answer = { candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP", index: 0 }], usageMetadata: { promptTokenCount: 1000, candidatesTokenCount: 10, totalTokenCount: 1010 }, modelVersion: "some-model" };
  response.writeHead(200, { "content-type": "text/event-stream" }).end(`data: ${JSON.stringify(answer)}\n\n`);
});
server.listen(0, "127.0.0.1", () => writeFileSync("port", String(server.address().port)));
J
node server.mjs & server=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
code=0
(cd work; env -i PATH="$PATH" HOME="$folder/home" GEMINI_API_KEY=none GOOGLE_GEMINI_BASE_URL="http://127.0.0.1:$(cat ../port)" \
  timeout 200 ../node_modules/.bin/gemini -p "Wait for the build" -m gemini-2.5-flash --output-format json --skip-trust </dev/null >../answer.json 2>../errors) || code=$?
node -e '
  const { readFileSync } = require("node:fs");
  const asked = readFileSync("requests", "utf8").trim().split("\n");
  const { response, error, warnings, stats } = JSON.parse(readFileSync("answer.json", "utf8"));
  const { api, tokens } = stats.models["some-model"];
  console.log(`gemini-cli ${require("./node_modules/@google/gemini-cli/package.json").version}, Node ${process.version}`);
  console.log("what the model was told:", asked.join(", "));
  const seen = `${asked.length} requests, ${api.totalRequests} in the statistics, ${tokens.prompt} tokens; response ${JSON.stringify(response)}, error ${error}, warnings ${warnings}; exit status ${process.argv[1]}`;
  console.log(seen);
  const expected = `6 requests, 4 in the statistics, 4000 tokens; response "", error undefined, warnings Loop detected, stopping execution; exit status 0`;
  if (seen !== expected || asked.join() !== "other,at 15 percent,at 30 percent,at 45 percent,at 60 percent,loop?") { console.log(`CHANGED: expected ${expected}`); process.exitCode = 1; }' "$code"
