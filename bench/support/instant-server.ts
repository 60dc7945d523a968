// A model server in a process of its own that answers at once, or after so many milliseconds: a look into an empty folder with a long
// thought, and embeddings. Each look is another one, since a run that repeats itself is ended. Any message from its parent is answered by
// for how many milliseconds it has had requests so far.
import { createServer } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { bodyOf, listenLocally } from "../../tests/support/services/local-server.js";
import { bagOfWords, completionBody, embeddingsBody, usageOf } from "../../tests/support/services/model-answers.js";

const thought =
  "I look at what is there and note what to do next, in about as many words as a model would use for it. ".repeat(3);
let answers = 0;

/** What the model asks for: to look by default, or to write a file, or to run a program. */
const kind = process.argv[2] ?? "look";
const waitMs = Number(process.argv[3] ?? 0);
function command(): object {
  if (kind === "write")
    return { name: "write_to_file", args: { file: `note-${answers % 50}.txt`, text: `${answers}` } };
  if (kind === "shell")
    return { name: "execute_shell", args: { command_line: `echo ${answers} > out-${answers % 50}` } };
  return { name: "search_files", args: { directory: ".", pattern: `*.${answers}` } };
}

function completion(): string {
  answers += 1;
  const content = JSON.stringify({
    thoughts: { text: thought, reasoning: thought, plan: `- look for ${answers}`, criticism: "none", speak: "I look." },
    command: command(),
  });
  return JSON.stringify(
    completionBody("bench", content, "stop", usageOf({ prompt: 1000, cached: 0, completion: 200 })),
  );
}

/** Time in which at least one request was here: from its last byte to the last one of its answer. */
const held = { ms: 0, requests: 0, since: 0 };

const server = createServer((request, response) => {
  void bodyOf(request).then(async (body) => {
    if (held.requests++ === 0) held.since = performance.now();
    response.once("close", () => {
      if (--held.requests === 0) held.ms += performance.now() - held.since;
    });
    if (waitMs > 0) await setTimeout(waitMs);
    response.setHeader("content-type", "application/json");
    response.end(request.url?.endsWith("/embeddings") ? embeddings(body) : completion());
  });
});

function embeddings(body: string): string {
  const { input } = JSON.parse(body) as { input: string | string[] };
  const vectors = [input].flat().map((text) => bagOfWords(text));
  return JSON.stringify(embeddingsBody("bench", vectors, 1000));
}

process.send?.(await listenLocally(server));
process.on("message", () => process.send?.(held.ms));
process.on("disconnect", () => process.exit());
