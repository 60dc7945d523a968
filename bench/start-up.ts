import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";
import { bin, median, report, timed, withFolder } from "./support/measure.js";

const rounds = 15;

/** `autogpt --version`, and the time from launch to the first model request, against an empty Node process in turn. */
export async function benchStartUp(): Promise<void> {
  await withFolder(async (folder) => {
    const server = createServer((request, response) => {
      if (request.method === "POST") server.emit("chat");
      response.writeHead(401).end("{}");
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const [empty, version, request]: number[][] = [[], [], []];
    for (let round = -1; round < rounds; round++) {
      const figures = [(await timed(["-e", "0"], folder)).ms, (await timed([bin, "--version"], folder)).ms];
      const bare = await launched(folder, ["-e", "0"], (child) => once(child, "exit"));
      const first = await launched(folder, runArguments, () => once(server, "chat"), url);
      if (round < 0) continue;
      empty?.push(figures[0] as number);
      version?.push((figures[1] as number) / (figures[0] as number));
      request?.push(first / bare);
    }
    server.close();
    server.closeAllConnections();
    report(
      "autogpt --version ÷ node -e 0",
      median(version ?? []),
      1.25,
      `node -e 0: ${median(empty ?? []).toFixed(0)} ms`,
    );
    report("launch to first model request ÷ node -e 0", median(request ?? []), 2.5);
  });
}

const runArguments = [bin, "--ai-settings", "ai_settings.yaml", "-c", "-l", "1", "-m", "no_memory"];

async function launched(
  cwd: string,
  args: readonly string[],
  moment: (child: ReturnType<typeof spawn>) => Promise<unknown>,
  url = "",
): Promise<number> {
  const start = performance.now();
  const env = { ...process.env, HOME: cwd, OPENAI_API_KEY: "", OPENAI_API_BASE_URL: url };
  const child = spawn(process.execPath, args, { cwd, env, stdio: "ignore" });
  const ended = once(child, "exit");
  await moment(child);
  const ms = performance.now() - start;
  if (child.exitCode === null) await ended;
  return ms;
}
