import { once } from "node:events";
import {
  bin,
  launched,
  median,
  report,
  startAskedServer,
  startInstantServer,
  timed,
  withFolder,
} from "./support/measure.js";

const rounds = 15;

/**
 * `autogpt --version`, and the time from launch to the first model request and to the exit of a run of one step, against an empty
 * Node process in turn.
 */
export async function benchStartUp(): Promise<void> {
  await withFolder(async (folder) => {
    const server = await startAskedServer();
    const instant = await startInstantServer();
    const env = { ...process.env, HOME: folder, OPENAI_API_KEY: "", OPENAI_API_BASE_URL: "" };
    const withServer = { ...env, OPENAI_API_BASE_URL: server.url };
    const withAnswers = { ...env, OPENAI_API_BASE_URL: instant.url, SMART_LLM_MODEL: "bench", FAST_LLM_MODEL: "bench" };
    const [empty, version, request, requestLocal, exit, computing]: number[][] = [[], [], [], [], [], []];
    for (let round = -1; round < rounds; round++) {
      const figures = [(await timed(["-e", "0"], folder)).ms, (await timed([bin, "--version"], folder)).ms];
      const { cpuMs } = await timed(oneStep("local"), folder, withAnswers);
      const bare = await launched(["-e", "0"], { cwd: folder, env }, (child) => once(child, "exit"));
      const first = await launched(oneStep("no_memory"), { cwd: folder, env: withServer }, server.asked);
      const firstLocal = await launched(oneStep("local"), { cwd: folder, env: withServer }, server.asked);
      const end = await launched(oneStep("local"), { cwd: folder, env: withAnswers }, (child) => once(child, "exit"));
      if (round < 0) continue;
      empty?.push(figures[0] as number);
      version?.push((figures[1] as number) / (figures[0] as number));
      request?.push(first / bare);
      requestLocal?.push(firstLocal / bare);
      exit?.push(end / bare);
      computing?.push(cpuMs / 1000);
    }
    server.close();
    instant.close();
    report(
      "autogpt --version ÷ node -e 0",
      median(version ?? []),
      1.25,
      `node -e 0: ${median(empty ?? []).toFixed(0)} ms`,
    );
    report("launch to first model request ÷ node -e 0", median(request ?? []), 2.5);
    report("the same with local memory", median(requestLocal ?? []), 3);
    report("launch to exit of one step with local memory ÷ node -e 0", median(exit ?? []), 6);
    // 0.4 of what it took before this was looked at, on two cores.
    report("that run, seconds of computing", median(computing ?? []), 0.21);
  });
}

const oneStep = (memory: string): string[] => [bin, "--ai-settings", "ai_settings.yaml", "-c", "-l", "1", "-m", memory];
