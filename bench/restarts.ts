import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { bin, median, report, startInstantServer, stepEnds, timed, withFolder, type Timed } from "./support/measure.js";

/** So many of the last steps of a part are measured. */
const around = 100;

type Part = Timed & { msPerStep: number; bytes: number; memoryBytes: number };

/** So often a later part and a first one are measured in turn: a machine's speed changes within the minutes of a long run. */
const rounds = 9;

/**
 * A long run with local memory that is ended and resumed again and again, in so many parts of so many steps: what disk comes to; and then further
 * parts of it, in turn with first parts of other runs: what a step, a start and memory come to.
 */
export async function benchRestarts([parts = 20, steps = 1_000]: readonly number[]): Promise<void> {
  const server = await startInstantServer();
  const models = { SMART_LLM_MODEL: "bench", FAST_LLM_MODEL: "bench", EMBEDDING_MODEL: "bench" };
  const env = { ...models, OPENAI_API_BASE_URL: server.url };
  const partOf = async (folder: string, part: number): Promise<Part> => {
    const begin = part === 1 ? ["--ai-settings", "ai_settings.yaml", "-m", "local"] : ["--resume"];
    const run = await timed([bin, ...begin, "-c", "-l", String(part * steps)], folder, env);
    const home = join(folder, ".autogpt");
    const sizes = { bytes: await bytesBelow(home), memoryBytes: await bytesBelow(join(home, "memory")) };
    return { ...run, msPerStep: await stepsAtTheEnd(home), ...sizes };
  };
  await withFolder(async (folder) => {
    const done: Part[] = [];
    for (let part = 1; part <= parts; part++) {
      const measured = await partOf(folder, part);
      done.push(measured);
      tell(part * steps, measured);
    }
    const [later, first]: [Part[], Part[]] = [[], []];
    for (let round = 1; round <= rounds; round++) {
      first.push(await withFolder((other) => partOf(other, 1)));
      later.push(await partOf(folder, parts + round));
    }
    const ratio = (what: "msPerStep" | "peakKilobytes" | "cpuMs"): number =>
      median(later.map((part, round) => part[what] / (first[round]?.[what] ?? NaN)));
    const ofMany = `from ${parts * steps} steps on`;
    report(`a step at the end of a part ${ofMany} ÷ of a first part`, ratio("msPerStep"), 1.1);
    report(`peak memory of a part ${ofMany} ÷ of a first part`, ratio("peakKilobytes"), 1.15);
    report(`computing of a part ${ofMany}, its start included ÷ of a first part`, ratio("cpuMs"), null);
    const [beginning, end] = [done[0] as Part, done.at(-1) as Part];
    report("disk after the last part ÷ that of the first, for each step", end.bytes / beginning.bytes / parts, 1.1);
  });
  server.close();
}

function tell(steps: number, { msPerStep, ms, cpuMs, peakKilobytes, bytes, memoryBytes }: Part): void {
  console.log(
    `${steps} steps: ${msPerStep.toFixed(2)} ms a step at the end, ${(ms / 1000).toFixed(1)} s and ${(cpuMs / 1000).toFixed(1)} s of computing for the part, ` +
      `peak ${(peakKilobytes / 1024).toFixed(0)} MB, ${megabytes(bytes)} on disk, ${megabytes(memoryBytes)} of it memory`,
  );
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
