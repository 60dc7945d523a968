// A model server in a process of its own that answers at once: a do_nothing reply with a long thought, and embeddings.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const thought =
  "I look at what is there and note what to do next, in about as many words as a model would use for it. ".repeat(3);
const content = JSON.stringify({
  thoughts: { text: thought, reasoning: thought, plan: "- look\n- note", criticism: "none", speak: "I look." },
  command: { name: "do_nothing", args: {} },
});
const usage = { prompt_tokens: 1000, completion_tokens: 200, total_tokens: 1200 };
const completion = JSON.stringify({
  id: "bench",
  object: "chat.completion",
  model: "bench",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
  usage,
});

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    response.setHeader("content-type", "application/json");
    response.end(request.url?.endsWith("/embeddings") ? embeddings(Buffer.concat(chunks).toString()) : completion);
  });
});

function embeddings(body: string): string {
  const { input } = JSON.parse(body) as { input: string[] };
  const data = input.map((text, index) => ({
    index,
    embedding: Array.from({ length: 64 }, (_, at) => text.charCodeAt(at % text.length) / 100),
  }));
  return JSON.stringify({ object: "list", data, usage });
}

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit());
