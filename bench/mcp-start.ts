import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bin, launched, median, report, repository, startAskedServer, withFolder } from "./support/measure.js";

const rounds = 9;

/** The time from launch to the first model request with three MCP servers on this machine, and without any, in turn. */
export async function benchMcpStart(): Promise<void> {
  await withFolder(async (folder) => {
    const server = await startAskedServer();
    const [without, with3] = [join(folder, "without"), join(folder, "with")];
    for (const place of [without, with3]) await mkdir(place);
    await writeFile(join(without, "ai_settings.yaml"), ai);
    await writeFile(join(with3, "ai_settings.yaml"), `${ai}mcpServers: ${JSON.stringify(servers)}\n`);
    const first = (place: string): Promise<number> =>
      launched(args, { cwd: place, env: environmentIn(place, server.url) }, server.asked);
    const [ratios, bare]: number[][] = [[], []];
    // The round before shows the servers' tools to be agreed to; they are known from then on.
    for (let round = -1; round < rounds; round++) {
      const [none, three] = [await first(without), await first(with3)];
      if (round < 0) continue;
      bare?.push(none);
      ratios?.push(three / none);
    }
    server.close();
    const detail = `without: ${median(bare ?? []).toFixed(0)} ms`;
    report("launch to first model request with three MCP servers ÷ without", median(ratios ?? []), 1.3, detail);
  });
}

const ai = "ai_name: Bench\nai_role: an AI that is measured\nai_goals:\n  - Do nothing\n";
const program = join(repository, "tests", "end-to-end", "mcp", "mcp-server.mjs");
const servers = Object.fromEntries(
  ["one", "two", "three"].map((name) => [name, { command: process.execPath, args: [program] }]),
);

const args = [bin, "-y", "-c", "-l", "1", "-m", "no_memory", "--trust-extensions"];

const environmentIn = (cwd: string, url: string): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  HOME: cwd,
  XDG_STATE_HOME: cwd,
  OPENAI_API_BASE_URL: url,
  OPENAI_RETRIES: "0",
});
