import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { estimateTokens } from "../../model/estimate-tokens.js";
import { turn } from "./script.js";

type ChatRequest = { messages: { content: string | { text: string }[] }[] };
type EmbeddingRequest = { input: string[]; model: string };

const dimension = 64;

/** A model server on a free port of this machine that plays the demo's script: chat completions and embeddings. */
export async function startScriptedServer(): Promise<{ url: string; close(): void }> {
  let replies = 0;
  const server = createServer((request, response) => {
    // The list of models, which nobody needs here.
    if (request.method !== "POST") return void response.writeHead(404).end();
    void body(request).then((parsed) => {
      const answer = request.url?.endsWith("/embeddings")
        ? embeddings(parsed as EmbeddingRequest)
        : completion(replies++, parsed as ChatRequest);
      response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function body(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

function completion(index: number, { messages }: ChatRequest): object {
  const texts = messages.map(({ content }) =>
    typeof content === "string" ? content : content.map(({ text }) => text).join(""),
  );
  const { thought, plan, command } = turn(index, texts.at(-1) ?? "");
  const thoughts = { text: thought, reasoning: "It is what the script says.", plan, criticism: "", speak: thought };
  const content = JSON.stringify({ thoughts, command }, null, 2);
  // Fewer than were sent would look as if this server cut its prompts.
  const usage = { prompt_tokens: estimateTokens(texts.join("\n")), completion_tokens: estimateTokens(content) };
  return {
    id: `demo-${index}`,
    object: "chat.completion",
    model: "scripted",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
    usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
  };
}

const embeddings = ({ input, model }: EmbeddingRequest): object => ({
  object: "list",
  model,
  data: input.map((text, index) => ({ object: "embedding", index, embedding: wordVector(text) })),
  usage: { prompt_tokens: input.join(" ").split(/\s+/).length, total_tokens: 0 },
});

/** A vector that counts words by a hash of their letters, so that texts which share words have similar vectors. */
function wordVector(text: string): number[] {
  const vector: number[] = Array.from({ length: dimension }, () => 0);
  for (const word of text.toLowerCase().match(/\p{L}{4,}/gu) ?? []) {
    let hash = 7;
    for (const letter of word) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
    vector[hash % dimension] = (vector[hash % dimension] ?? 0) + 1;
  }
  return vector.some((value) => value > 0) ? vector : vector.map(() => 1);
}
