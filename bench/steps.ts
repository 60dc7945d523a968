import { rm } from "node:fs/promises";
import { join } from "node:path";
import { bin, median, repository, report, startInstantServer, stepEnds, timed, withFolder } from "./support/measure.js";

const rounds = 5;
const steps = 1_000;
const longRun = 20_000;
const around = 200;
/** Of steps with memory, which take longer. */
const roundsWithMemory = 9;
const stepsWithMemory = 300;

/** Time and memory of a run of many steps, against a bare loop over the same server and an empty Node process. */
export async function benchSteps(): Promise<void> {
  await withFolder(async (folder) => {
    const server = await startInstantServer();
    const env = { OPENAI_API_BASE_URL: server.url, SMART_LLM_MODEL: "bench", FAST_LLM_MODEL: "bench" };
    const ours = (limit: number, memory: string): string[] => [
      bin,
      "--ai-settings",
      "ai_settings.yaml",
      "-c",
      "-l",
      String(limit),
      "-m",
      memory,
    ];
    const bare = (limit: number, ...more: string[]): string[] => [
      join(repository, "bench", "support", "bare-loop.js"),
      server.url,
      String(limit),
      ...more,
    ];
    const perStep = async (args: (limit: number) => string[], count = steps): Promise<number> =>
      ((await timed(args(count), folder, env)).ms - (await timed(args(1), folder, env)).ms) / (count - 1);

    const [ratios, times, memories, peaks]: number[][] = [[], [], [], []];
    for (let round = 0; round < rounds; round++) {
      const mine = await perStep((limit) => ours(limit, "no_memory"));
      ratios?.push(mine / (await perStep(bare)));
      times?.push(mine);
      const empty = await timed(["-e", "0"], folder);
      const { peakKilobytes } = await timed(ours(steps, "no_memory"), folder, env);
      peaks?.push(peakKilobytes);
      memories?.push(peakKilobytes / empty.peakKilobytes);
    }
    report("a step ÷ a step of the bare loop", median(ratios ?? []), 2, `${median(times ?? []).toFixed(2)} ms a step`);
    await reportWithMemory(folder, perStep, ours, bare);
    report(`memory after ${steps} steps ÷ bare node`, median(memories ?? []), 2.6);
    const grown = await growth(folder, ours(longRun, "no_memory"), env);
    report(`a step at ${longRun} ÷ one at ${steps}`, grown.step, 1.1);
    report(`memory after ${longRun} steps ÷ after ${steps}`, grown.peakKilobytes / median(peaks ?? []), 1.15);
    server.close();
  });
}

type Args = (limit: number, kind: string) => string[];

/** The bare loop asks for one embedding a step. */
async function reportWithMemory(
  folder: string,
  perStep: (args: (limit: number) => string[], count: number) => Promise<number>,
  ours: Args,
  bare: Args,
): Promise<void> {
  const [ratios, times]: [number[], number[]] = [[], []];
  for (let round = 0; round < roundsWithMemory; round++) {
    await rm(join(folder, ".autogpt", "memory"), { recursive: true, force: true });
    const mine = await perStep((limit) => ours(limit, "local"), stepsWithMemory);
    ratios.push(mine / (await perStep((limit) => bare(limit, "memory"), stepsWithMemory)));
    times.push(mine);
  }
  const what = "a step with local memory ÷ one of the bare loop with an embedding";
  report(what, median(ratios), 2, `${median(times).toFixed(2)} ms a step`);
}

type Growth = { step: number; peakKilobytes: number };

/** How much longer a step takes at the end of a long run than around its thousandth, by the journal's own clock, and the run's peak. */
async function growth(folder: string, args: readonly string[], env: Record<string, string>): Promise<Growth> {
  const { peakKilobytes } = await timed(args, folder, env);
  const ends = await stepEnds(join(folder, ".autogpt"));
  const perStep = (last: number): number => ((ends[last - 1] ?? NaN) - (ends[last - 1 - around] ?? NaN)) / around;
  return { step: perStep(longRun) / perStep(steps), peakKilobytes };
}
