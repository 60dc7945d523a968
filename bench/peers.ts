import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { installPeers } from "./support/install-peers.js";
import { bin, median, report, startInstantServer, withFolder } from "./support/measure.js";

const rounds = 9;
const packages = ["@openai/codex@0.171.0", "opencode-ai@1.18.33", "@google/gemini-cli@0.61.0"];

type Program = { name: string; command: string[]; env?: Record<string, string> };
type Server = { url: string; asked(): Promise<unknown>; close(): void };

/**
 * From launch to the first request to the model, and to the exit where a program ends by itself, of this program and of others that npm's
 * registry has, each in its own folder and one after the other in each round, against an empty Node process. The others are installed for that:
 * 900 MB.
 */
export async function benchPeers(): Promise<void> {
  await withFolder(async (folder) => {
    const others = installPeers(folder, packages);
    if (others === null) return;
    const server = await startServer();
    const instant = await startInstantServer();
    const asked = await programs(folder, others, server.url);
    const ended = [autogpt(instant.url), asked[1] as Program];
    const ratios = new Map<string, number[]>();
    for (let round = -1; round < rounds; round++) {
      const bare = await timeOf({ name: "node", command: [process.execPath, "-e", "0"] }, folder);
      const add = (what: string, ms: number): void => {
        if (round >= 0) ratios.set(what, [...(ratios.get(what) ?? []), ms / bare]);
      };
      for (const one of asked) add(`${one.name}: launch to first request`, await timeOf(one, folder, server.asked));
      for (const one of ended) add(`${one.name}: launch to exit of one step`, await timeOf(one, folder));
    }
    for (const [what, figures] of ratios) report(`${what} ÷ node -e 0`, median(figures), null);
    server.close();
    instant.close();
  });
}

const autogpt = (url: string): Program => ({
  name: "autogpt",
  command: [process.execPath, bin, ..."--ai-settings ai_settings.yaml -c -l 1 -m local".split(" ")],
  env: { OPENAI_API_BASE_URL: url, SMART_LLM_MODEL: "bench", FAST_LLM_MODEL: "bench", OPENAI_API_KEY: "" },
});

/** Each with a server of its own in its settings. */
async function programs(folder: string, others: string, url: string): Promise<Program[]> {
  const bins = join(others, "node_modules", ".bin");
  await mkdir(join(folder, ".gemini"));
  const auth = { security: { auth: { selectedType: "gemini-api-key" } } };
  await writeFile(join(folder, ".gemini", "settings.json"), JSON.stringify(auth));
  const models = { bench: { name: "bench" } };
  const options = { baseURL: url, apiKey: "none" };
  const provider = { bench: { npm: "@ai-sdk/openai-compatible", name: "bench", options, models } };
  await writeFile(join(folder, "opencode.json"), JSON.stringify({ provider, model: "bench/bench" }));
  const codex = `model_providers.bench={name="bench",base_url="${url}",wire_api="responses"}`;
  const settings = ["-c", "model_provider=bench", "-c", codex, "-m", "bench"];
  return [
    autogpt(url),
    { name: "codex", command: [join(bins, "codex"), "exec", "--skip-git-repo-check", ...settings, "Say hi"] },
    { name: "opencode", command: [join(bins, "opencode"), "run", "Say hi"] },
    {
      name: "gemini",
      command: [join(bins, "gemini"), "--skip-trust", "-p", "Say hi"],
      env: { GEMINI_API_KEY: "none", GOOGLE_GEMINI_BASE_URL: new URL(url).origin },
    },
  ];
}

/** In milliseconds, to a moment or to the exit, which is waited for in any case: an answer that refuses them ends all of them. */
async function timeOf(
  { name, command: [program = "", ...args], env }: Program,
  folder: string,
  moment?: () => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  const child = spawn(program, args, {
    ...{ cwd: folder, env: { ...process.env, HOME: folder, PWD: folder, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  });
  let said = "";
  for (const output of [child.stdout, child.stderr]) output.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const ended = once(child, "close");
  const reached = (moment?.() ?? ended).then(() => performance.now() - start);
  const ms = await Promise.race([reached, ended.then(() => NaN)]);
  await ended;
  if (moment !== undefined && Number.isNaN(ms)) throw new Error(`${name} has ended without a request: ${said}`);
  return moment === undefined ? performance.now() - start : ms;
}

/** Tells of each request, and answers those to the Responses API with a few words, in a stream. */
async function startServer(): Promise<Server> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (request.method === "POST") server.emit("asked");
    request.resume().on("end", () => {
      if (request.method !== "POST" || !(request.url ?? "").endsWith("/responses"))
        return void response.writeHead(401).end("{}");
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      response.end();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked: () => once(server, "asked"),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const message = {
  ...{ type: "message", id: "msg_1", status: "completed", role: "assistant" },
  content: [{ type: "output_text", text: "Hi.", annotations: [] }],
};
const usage = {
  ...{ input_tokens: 10, output_tokens: 2, total_tokens: 12 },
  ...{ input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
};
const answer = { id: "resp_1", object: "response", created_at: 0, model: "bench", output: [message] };
const events = [
  { type: "response.created", response: { ...answer, status: "in_progress", output: [] } },
  { type: "response.output_item.done", output_index: 0, item: message },
  { type: "response.completed", response: { ...answer, status: "completed", usage } },
];
