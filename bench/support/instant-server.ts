// A model server in a process of its own that answers at once: a look into an empty folder with a long thought,
// and embeddings. Each look is another one, since a run that repeats itself is ended.
import { createServer } from "node:http";
import { bodyOf, listenLocally } from "../../tests/support/services/local-server.js";
import { bagOfWords, completionBody, embeddingsBody, usageOf } from "../../tests/support/services/model-answers.js";

const thought =
  "I look at what is there and note what to do next, in about as many words as a model would use for it. ".repeat(3);
let answers = 0;
function completion(): string {
  answers += 1;
  const content = JSON.stringify({
    thoughts: { text: thought, reasoning: thought, plan: `- look for ${answers}`, criticism: "none", speak: "I look." },
    command: { name: "search_files", args: { directory: ".", pattern: `*.${answers}` } },
  });
  return JSON.stringify(
    completionBody("bench", content, "stop", usageOf({ prompt: 1000, cached: 0, completion: 200 })),
  );
}

const server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    response.setHeader("content-type", "application/json");
    response.end(request.url?.endsWith("/embeddings") ? embeddings(body) : completion());
  });
});

function embeddings(body: string): string {
  const { input } = JSON.parse(body) as { input: string[] };
  const vectors = input.map((text) => bagOfWords(text));
  return JSON.stringify(embeddingsBody("bench", vectors, 1000));
}

process.send?.(await listenLocally(server));
process.on("disconnect", () => process.exit());
