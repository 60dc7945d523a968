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

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (mode === `dies at ${method}` && isDue()) process.exit(1);
  if (mode === `hangs at ${method}`) return;
  if (method === "initialize")
    return answer(id, {
      protocolVersion: params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: "hostile", version: "1" },
    });
  if (method === "tools/list") return answer(id, { tools: mode === "odd" ? odd : [tool("call")] });
  if (method !== "tools/call") return;
  appendFileSync(process.env.CALLS ?? "/dev/null", `${params.name}\n`);
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
});
