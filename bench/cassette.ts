import { bin, median, report, startInstantServer, timed, withFolder } from "./support/measure.js";

const rounds = 7;
const steps = 400;

/** What the record of a run costs: the same runs with and without it, in turn, in time and in computing. */
export async function benchCassette(): Promise<void> {
  await withFolder(async (folder) => {
    const server = await startInstantServer();
    const base = { OPENAI_API_BASE_URL: server.url, SMART_LLM_MODEL: "bench", FAST_LLM_MODEL: "bench" };
    const run = (limit: number, memory: string) => async (cassette: string) => {
      const args = [bin, "--ai-settings", "ai_settings.yaml", "-c", "-l", String(limit), "-m", memory];
      return timed(args, folder, { ...base, CASSETTE: cassette });
    };
    for (const { name, once } of [
      { name: "a run of one step", once: run(1, "no_memory") },
      { name: `a run of ${steps} steps`, once: run(steps, "no_memory") },
    ]) {
      const [times, computing]: [number[], number[]] = [[], []];
      await once("on");
      for (let round = 0; round < rounds; round++) {
        const [kept, none] = [await once("on"), await once("off")];
        times.push(kept.ms / none.ms);
        computing.push(kept.cpuMs / none.cpuMs);
      }
      report(`${name} with a cassette ÷ without, time`, median(times), 1.1);
      report(`${name} with a cassette ÷ without, computing`, median(computing), 1.15);
    }
    server.close();
  });
}
