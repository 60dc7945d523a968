// The client of the official conformance scenarios: this program, in a run against a scripted model that calls the first tool
// there is. It is started by them with their server's address; a login is carried out as a browser would.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const url = process.argv.at(-1);
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? "";
const given = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}");
const bin = join(fileURLToPath(import.meta.url), "..", "..", "..", "..", "bin", "autogpt.js");
const folder = mkdtempSync(join(tmpdir(), "autogpt-conformance-"));

const args = scenario === "tools_call" ? { a: 5, b: 3 } : {};
const thoughts = { text: "", reasoning: "", plan: "", criticism: "", speak: "" };
/** @param {object} command */
const completion = (command) =>
  JSON.stringify({
    id: "1",
    object: "chat.completion",
    choices: [
      {
        index: 0,
        finish_reason: "stop",
        message: { role: "assistant", content: JSON.stringify({ thoughts, command }) },
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
const model = createServer((request, response) => {
  let body = "";
  request.on("data", (piece) => (body += piece));
  request.on("end", () => {
    response.setHeader("content-type", "application/json");
    if (request.method !== "POST") return response.end('{"object":"list","data":[]}');
    const tool = /\\?"(server\.[\w.-]+)\\?"/.exec(body)?.[1];
    const call = tool !== undefined && !body.includes(`Command ${tool} returned`);
    response.end(completion(call ? { name: tool, args } : { name: "task_complete", args: { reason: "done" } }));
  });
});

/**
 * Runs the program; what it says may be acted upon. Resolves to its exit code.
 * @param {string[]} flags @param {{ input?: string, hear?: (said: string) => void }} more
 */
const program = (flags, { input = "", hear = () => undefined } = {}) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...flags], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        MEMORY_BACKEND: "no_memory",
        OPENAI_API_BASE_URL: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (model.address()).port}/v1`,
      },
      stdio: "pipe",
    });
    let said = "";
    for (const [from, to] of /** @type {const} */ ([
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]))
      from.on("data", (piece) => {
        to.write(piece);
        said += piece;
        hear(said);
      });
    child.stdin.end(input);
    child.on("close", resolve);
  });

await new Promise((resolve) => model.listen(0, "127.0.0.1", () => resolve(undefined)));
const oauth = {
  ...(given.client_id && { clientId: given.client_id }),
  ...(given.client_secret && { clientSecret: given.client_secret }),
  ...(scenario === "auth/basic-cimd" && { clientMetadataUrl: "https://conformance-test.local/client-metadata.json" }),
};
const settings = {
  ai_name: "T",
  ai_role: "an AI that is tested",
  ai_goals: ["Call it"],
  mcpServers: { server: { url, oauth } },
};
// JSON is YAML.
writeFileSync(join(folder, "ai_settings.yaml"), JSON.stringify({ ...settings, approve: { "server.*": "always" } }));
/** Carries out a login, as a browser would; resolves to the program's exit code. */
const logIn = () => {
  let opened = "";
  const hear = (/** @type {string} */ said) => {
    const address = /machine:\s+(\S+)\s/.exec(said)?.[1] ?? "";
    if (address === "" || opened !== "") return;
    opened = address;
    void fetch(address)
      .then((answer) => answer.text())
      .catch(() => undefined);
  };
  return program(["mcp", "login", "server"], { hear });
};
const code = scenario.startsWith("auth/") ? await logIn() : 0;
const asking = scenario.startsWith("elicitation");
const flags = asking ? ["-y", "--trust-extensions"] : ["-y", "-c", "-l", "4", "--trust-extensions"];
// Where the server asks, it is let, and everything is left empty.
const input = asking ? `y${"\n".repeat(12)}y\ny\n` : "";
let wantsMore = false;
const hear = (/** @type {string} */ said) => void (wantsMore ||= said.includes("a login with more rights"));
let ran = await program(flags, { input, hear });
// What a person does who reads that, once.
if (wantsMore) {
  await logIn();
  ran = await program(flags);
}
model.close();
model.closeAllConnections();
rmSync(folder, { recursive: true, force: true });
process.exitCode = code === 0 ? Number(ran) : Number(code);
