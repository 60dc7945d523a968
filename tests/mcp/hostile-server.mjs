// An MCP server without any library, for what none of these would do. MODE says what; the file LEFT counts down how often.
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

const mode = process.env.MODE ?? "";
const once = process.env.LEFT ?? "";
/** Whether it is to misbehave still: each misbehaves once, where a file is given. */
const isDue = () => {
  if (once === "") return true;
  if (existsSync(once)) return false;
  writeFileSync(once, "");
  return true;
};
/** @param {string} text */
const raw = (text) => process.stdout.write(text);
/** @param {unknown} id @param {unknown} result */
const answer = (id, result) => raw(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
const schema = { type: "object", properties: {} };
/** @param {string} message */
const question = (message) => ({ message, requestedSchema: schema });
let asked = 1000;
/** @type {Map<number, (result: object) => void>} */
const pending = new Map();
/** @param {object} params @returns {Promise<object>} */
const ask = (params) =>
  new Promise((resolve) => {
    pending.set(++asked, resolve);
    raw(`${JSON.stringify({ jsonrpc: "2.0", id: asked, method: "elicitation/create", params })}\n`);
  });
/** @param {string} name */
const tool = (name) => ({ name, description: `Does ${name}`, inputSchema: schema });
const odd = [
  tool("__proto__"),
  tool("constructor"),
  tool("\u001b[2Jclear"),
  tool("../../up"),
  tool("call"),
  tool("x".repeat(5_000)),
  { name: "no-schema" },
  { name: 7 },
  null,
  { name: "pointless", inputSchema: { $ref: "#/nowhere" } },
];

/** @param {string} what */
const note = (what) => appendFileSync(process.env.CALLS ?? "/dev/null", `${what}\n`);
let lists = 0;

/** @param {string} line */
async function take(line) {
  const { id, method, params, result } = JSON.parse(line);
  if (method === undefined) return pending.get(id)?.(result);
  if (mode === `dies at ${method}` && isDue()) process.exit(1);
  if (mode === `hangs at ${method}`) return;
  if (method === "initialize")
    return answer(id, {
      protocolVersion: params.protocolVersion,
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: "hostile", version: "1" },
    });
  if (method === "tools/list") {
    lists += 1;
    if (mode === "pages") return answer(id, { tools: [tool(`t${lists}`)], nextCursor: String(lists) });
    if (mode === "silent pages" && lists > 1) return;
    if (mode === "silent pages") return answer(id, { tools: [tool("call")], nextCursor: "1" });
    if (mode === "flips") return answer(id, { tools: [{ ...tool("call"), description: `Is now ${lists}` }] });
    // As it is written, also where it could not be read here.
    if (process.env.TOOLS) return raw(`{"jsonrpc":"2.0","id":${id},"result":{"tools":${process.env.TOOLS}}}\n`);
    return answer(id, { tools: mode === "odd" ? odd : [tool("call")] });
  }
  if (method !== "tools/call") return;
  note(params.name);
  if (mode === "asks twice at once")
    return answer(id, {
      content: [
        { type: "text", text: JSON.stringify(await Promise.all(["one", "two"].map((each) => ask(question(each))))) },
      ],
    });
  if (mode === "asks often") {
    const actions = await Promise.all(Array.from({ length: 30 }, (_, index) => ask(question(`number ${index}`))));
    actions.push(await ask(question("x".repeat(300_000))));
    return answer(id, { content: [{ type: "text", text: JSON.stringify(actions) }] });
  }
  if (mode === "asks and dies" || mode === "asks and answers") {
    void ask(question("anybody there?"));
    // It goes on once the test has seen the question.
    while (!existsSync(once)) await new Promise((resolve) => setTimeout(resolve, 10));
    if (mode === "asks and dies") process.exit(1);
  }
  if (mode === "stays") {
    process.on("SIGTERM", () => undefined);
    setInterval(() => undefined, 60_000);
    return answer(id, { content: [{ type: "text", text: String(process.pid) }] });
  }
  if (process.env.ANSWER) return raw(`{"jsonrpc":"2.0","id":${id},${process.env.ANSWER}}\n`);
  if (mode === "flips" || mode === "says often that its list changed")
    for (let count = 0; count < 2_000; count++) raw('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n');
  if (params.name === "lists") return answer(id, { content: [{ type: "text", text: String(lists) }] });
  const content = [{ type: "text", text: "done" }];
  if (mode === "large") return answer(id, { content: [{ type: "text", text: "x".repeat(Number(process.env.SIZE)) }] });
  if (mode === "garbage") {
    process.stdout.write(Buffer.from([0xff, 0xfe, 0x00, 0x0a]));
    raw('{"jsonrpc":"2.0","id":');
    raw('\n[]\nnull\n7\n"text"\n{}\n[[[[[[\n');
    answer(4_711, { content });
    answer(null, { content });
    answer("__proto__", { content });
    raw('{"jsonrpc":"2.0","method":"no/such/notification","params":{"__proto__":{"polluted":1}}}\n');
    raw('{"jsonrpc":"2.0","id":9,"method":"sampling/createMessage","params":{"messages":[]}}\n');
    raw('{"jsonrpc":"2.0","id":10,"method":"roots/list"}\n');
    process.stderr.write("noise\n".repeat(20_000));
    answer(id, { content });
    return answer(id, { content: [{ type: "text", text: "a second answer" }] });
  }
  if (mode === "half" && isDue())
    return void process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":{"content":[`, () => process.exit(0));
  answer(id, { content });
  if (mode === "dies behind its answer") process.exit(1);
}
createInterface({ input: process.stdin }).on("line", (line) => void take(line));
