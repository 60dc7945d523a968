// The model of the examples: a script, so that they need no key and no network. With --real it is yours instead, as the
// environment and .env name it.
import { once } from "node:events";
import { createServer } from "node:http";

/**
 * A model that gives these replies, one a request, and what run() needs to ask it.
 * @param {readonly { name: string, args?: Record<string, unknown> }[]} commands what each reply asks for
 */
export async function openModel(commands) {
  if (process.argv.includes("--real")) return { options: {}, close() {} };
  const replies = commands.values();
  const server = createServer((request, response) => {
    // Nothing of the request is looked at.
    request.resume();
    if (request.method !== "POST") return void response.writeHead(404).end();
    const { value: { name, args = {} } = { name: "task_complete" } } = replies.next();
    const said = `I ask for ${name}.`;
    const thoughts = { text: said, reasoning: "The script says so.", plan: `- ${name}`, criticism: "", speak: said };
    const message = { role: "assistant", content: JSON.stringify({ thoughts, command: { name, args } }) };
    const usage = { prompt_tokens: 800, completion_tokens: 60, total_tokens: 860 };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ choices: [{ index: 0, finish_reason: "stop", message }], usage }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The scripted model has no port.");
  return {
    options: {
      env: {
        OPENAI_API_BASE_URL: `http://127.0.0.1:${address.port}/v1`,
        SMART_LLM_MODEL: "scripted",
        FAST_LLM_MODEL: "scripted",
        MEMORY_BACKEND: "no_memory",
      },
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
