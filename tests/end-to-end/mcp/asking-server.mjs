// An MCP server for tests that asks the user, once for each topic of a call; each call and each answer is noted in the file CALLS. Without
// the library, which takes longer to load than all else that a test does.
import { appendFileSync, existsSync } from "node:fs";
import { createInterface } from "node:readline";

/** @param {string} what */
const note = (what) => process.env.CALLS && appendFileSync(process.env.CALLS, `${what}\n`);
/** @param {object} message */
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
/** @param {string} text */
const said = (text) => ({ content: [{ type: "text", text }] });

/** @type {Map<number, (result: { action: string, content?: object }) => void>} */
const pending = new Map();
/** @param {object} params @returns {Promise<{ action: string, content?: object }>} */
const elicit = (params) =>
  new Promise((resolve) => {
    const id = 1000 + pending.size;
    pending.set(id, resolve);
    send({ id, method: "elicitation/create", params });
  });

/** @param {readonly string[]} topics */
async function ask(topics) {
  note(`ask ${topics.join()}`);
  for (const topic of topics) {
    const isChanged = existsSync(process.env.CHANGED ?? "");
    const { action, content } = await elicit({
      message: `What about ${topic}?${isChanged ? " Really?" : ""}`,
      requestedSchema: {
        type: "object",
        properties: { words: { type: "string", minLength: 2 }, amount: { type: "integer", minimum: 0 } },
        required: ["words"],
      },
    });
    note(`${topic}: ${action} ${JSON.stringify(content ?? null)}`);
    if (action === "cancel") return said(`nobody said anything of ${topic}`);
  }
  // What was entered is not repeated.
  return said("asked all");
}

async function visit() {
  const url = "https://pay.example/form?id=1";
  const { action } = await elicit({ mode: "url", message: "Pay there", url, elicitationId: "1" });
  note(`visit: ${action}`);
  return said(action);
}

const locked = () => ({
  code: -32042,
  message: "Log in first",
  data: {
    elicitations: [{ mode: "url", message: "Log in there", url: "https://login.example/?a=1", elicitationId: "1" }],
  },
});

const topics = { type: "array", items: { type: "string" } };
const tools = [
  { name: "ask", description: "Asks the user", inputSchema: { type: "object", properties: { topics } } },
  { name: "locked", description: "Takes a login", inputSchema: { type: "object" } },
  { name: "visit", description: "Sends the user somewhere", inputSchema: { type: "object" } },
];

/** @param {string} line */
async function answer(line) {
  const { id, method, params, result } = JSON.parse(line);
  if (method === "initialize") {
    const { protocolVersion } = params;
    send({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "test", version: "1" } } });
  } else if (method === "tools/list") send({ id, result: { tools } });
  else if (method === "tools/call" && params.name === "locked") {
    const isOpen = existsSync(process.env.CHANGED ?? "");
    note(`locked: ${isOpen ? "open" : "refused"}`);
    send({ id, ...(isOpen ? { result: said("let in") } : { error: locked() }) });
  } else if (method === "tools/call")
    send({ id, result: params.name === "ask" ? await ask(params.arguments.topics) : await visit() });
  else if (method === undefined) pending.get(id)?.(result);
}
createInterface({ input: process.stdin }).on("line", (line) => void answer(line));
