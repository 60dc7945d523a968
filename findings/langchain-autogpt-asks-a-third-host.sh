#!/bin/bash
# @langchain/classic 1.0.50 (AutoGPT), @langchain/core 1.4.0, @langchain/openai 1.6.0, Node 20.20.2, seen 2026-11-30.
#
# Seen: an AutoGPT whose chat model and embeddings are both given an address of this machine asks a third host, tiktoken.pages.dev, for tables of
# tokens: three times to count its prompt, then to split what a command answered, with seven tries and growing pauses each time. Counting falls back to
# an estimate. Splitting does not: the tool has been called, its answer is there, and `run` rejects with the failure of that download: memory has nothing of the step, and the history the request
# for it without its answer.
#
# Guessed: whoever sets the addresses of all models has set all that an agent asks, and a machine without a way to the internet can run it. And as the
# counting of tokens falls back to an estimate, splitting by tokens does so too, or fails before anything is carried out.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @langchain/classic@1.0.50 @langchain/core@1.4.0 @langchain/openai@1.6.0 @langchain/textsplitters@1.0.2 >/dev/null 2>&1
cat > run.mjs <<'J'
import { once } from "node:events";
import { createServer } from "node:http";
import { AutoGPT } from "@langchain/classic/experimental/autogpt";
import { MemoryVectorStore } from "@langchain/classic/vectorstores/memory";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (bytes) => (body += bytes));
  request.on("end", () => {
    const { input, messages } = JSON.parse(body);
    const inputs = [input].flat();
    const content = JSON.stringify({
      thoughts: { text: "look", reasoning: "", plan: "", criticism: "", speak: "" },
      command: { name: "look", args: { where: "here" } },
    });
    const answer = messages
      ? { choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }] }
      : { data: inputs.map((_, index) => ({ index, object: "embedding", embedding: [1, 0] })) };
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ id: "a", model: "m", usage, ...answer }));
  });
});
await once(server.listen(0, "127.0.0.1"), "listening");
const baseURL = `http://127.0.0.1:${server.address().port}/v1`;

// Only this machine can be reached, wherever the script is run.
const [usual, asked] = [globalThis.fetch, new Map()];
globalThis.fetch = async (address, options) => {
  const { hostname } = new URL(address instanceof Request ? address.url : address);
  asked.set(hostname, (asked.get(hostname) ?? 0) + 1);
  if (hostname !== "127.0.0.1") throw new TypeError("fetch failed", { cause: new Error(`no way to ${hostname}`) });
  return usual(address, options);
};
console.warn = () => undefined;

const given = { apiKey: "none", maxRetries: 0, configuration: { baseURL } };
let calls = 0;
const look = tool(async () => ((calls += 1), "nothing"), {
  name: "look",
  description: "Looks somewhere",
  schema: { type: "object", properties: { where: { type: "string" } }, required: ["where"] },
});
const memory = new MemoryVectorStore(new OpenAIEmbeddings({ ...given, model: "text-embedding-ada-002", encodingFormat: "float" }));
const agent = AutoGPT.fromLLMAndTools(new ChatOpenAI({ ...given, model: "gpt-4" }), [look], {
  aiName: "A",
  aiRole: "an AI that looks",
  memory: memory.asRetriever(),
  maxIterations: 3,
});
const end = await agent.run(["Look"]).then(
  () => "resolved",
  (thrown) => `rejected: ${thrown.message}`,
);
server.close();
const others = [...asked.keys()].filter((host) => host !== "127.0.0.1");
console.log(`asked besides the two models' address: ${others.map((host) => `${host}, ${asked.get(host)} times`).join("; ") || "nobody"}`);
console.log(`run ${end}; tool calls: ${calls}; documents in memory: ${memory.memoryVectors.length}; messages in history: ${agent.fullMessageHistory.length}`);
const isSame = others.join() === "tiktoken.pages.dev" && end.startsWith("rejected") && calls === 1 && memory.memoryVectors.length === 0;
if (!isSame) {
  console.log("This has changed.");
  process.exitCode = 1;
}
J
node run.mjs
