import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { bin, report, startInstantServer, stepEnds, timed, withFolder, type Timed } from "./support/measure.js";

/** So many of the last steps of a part are measured. */
const around = 100;

type Part = Timed & { msPerStep: number; bytes: number; memoryBytes: number };

/**
 * A long run with local memory that is ended and resumed again and again: what a step, a start, memory and disk come to from part to part. In
 * so many parts of so many steps. A single run, since it takes long.
 */
export async function benchRestarts([parts = 20, steps = 1_000]: readonly number[]): Promise<void> {
  await withFolder(async (folder) => {
    const server = await startInstantServer();
    const models = { SMART_LLM_MODEL: "bench", FAST_LLM_MODEL: "bench", EMBEDDING_MODEL: "bench" };
    const done: Part[] = [];
    for (let part = 1; part <= parts; part++) {
      const begin = part === 1 ? ["--ai-settings", "ai_settings.yaml", "-m", "local"] : ["--resume"];
      const env = { ...models, OPENAI_API_BASE_URL: server.url };
      const run = await timed([bin, ...begin, "-c", "-l", String(part * steps)], folder, env);
      const home = join(folder, ".autogpt");
      const sizes = { bytes: await bytesBelow(home), memoryBytes: await bytesBelow(join(home, "memory")) };
      done.push({ ...run, msPerStep: await stepsAtTheEnd(home), ...sizes });
      const { msPerStep, ms, cpuMs, peakKilobytes, bytes, memoryBytes } = done.at(-1) as Part;
      console.log(
        `${part * steps} steps: ${msPerStep.toFixed(2)} ms a step at the end, ${(ms / 1000).toFixed(1)} s and ${(cpuMs / 1000).toFixed(1)} s of computing for the part, ` +
          `peak ${(peakKilobytes / 1024).toFixed(0)} MB, ${megabytes(bytes)} on disk, ${megabytes(memoryBytes)} of it memory`,
      );
    }
    server.close();
    const [first, last] = [done[0] as Part, done.at(-1) as Part];
    report("a step at the end of the last part ÷ of the first", last.msPerStep / first.msPerStep, 1.1);
    report("peak memory of the last part ÷ of the first", last.peakKilobytes / first.peakKilobytes, 1.15);
    report("disk after the last part ÷ that of the first, for each step", last.bytes / first.bytes / parts, 1.1);
  });
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

async function bytesBelow(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const facts = await Promise.all(names.map((name) => stat(join(folder, name))));
  return facts.reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0);
}

/** How long each of the last steps took, in milliseconds. */
async function stepsAtTheEnd(home: string): Promise<number> {
  const ends = (await stepEnds(home)).slice(-around - 1);
  return ((ends.at(-1) ?? NaN) - (ends[0] ?? NaN)) / (ends.length - 1);
}
