import { once } from "node:events";
import { bin, launched, median, report, startAskedServer, timed, withFolder } from "./support/measure.js";

const rounds = 15;

/** `autogpt --version`, and the time from launch to the first model request, against an empty Node process in turn. */
export async function benchStartUp(): Promise<void> {
  await withFolder(async (folder) => {
    const server = await startAskedServer();
    const env = { ...process.env, HOME: folder, OPENAI_API_KEY: "", OPENAI_API_BASE_URL: "" };
    const withServer = { ...env, OPENAI_API_BASE_URL: server.url };
    const [empty, version, request]: number[][] = [[], [], []];
    for (let round = -1; round < rounds; round++) {
      const figures = [(await timed(["-e", "0"], folder)).ms, (await timed([bin, "--version"], folder)).ms];
      const bare = await launched(["-e", "0"], { cwd: folder, env }, (child) => once(child, "exit"));
      const first = await launched(runArguments, { cwd: folder, env: withServer }, server.asked);
      if (round < 0) continue;
      empty?.push(figures[0] as number);
      version?.push((figures[1] as number) / (figures[0] as number));
      request?.push(first / bare);
    }
    server.close();
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
