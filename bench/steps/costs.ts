import { join } from "node:path";
import { bin, repository, timed, type InstantServer } from "../support/measure.js";

/** In milliseconds. `client`: what is left of the whole where the time is taken away in which the server had a request. `computing`: processor time. */
export type StepCost = { whole: number; client: number; computing: number };

/** The arguments of a run, or of a loop, of so many steps. */
export type Steps = (count: number) => string[];

/** A run of the program. `memory`: which memory it has. */
export const ours =
  (memory: "local" | "no_memory"): Steps =>
  (count) => [bin, "--ai-settings", "ai_settings.yaml", "-c", "-l", String(count), "-m", memory];

/** A loop of bench/support, with what it takes behind its address and steps. */
export const loopOf =
  (script: "bare-loop.js" | "fetch-loop.js", server: InstantServer, ...more: readonly string[]): Steps =>
  (count) => [join(repository, "bench", "support", script), server.url, String(count), ...more];

/** What the program needs for a server of the benchmarks. */
export const settingsFor = (server: InstantServer): Record<string, string> => ({
  OPENAI_API_BASE_URL: server.url,
  SMART_LLM_MODEL: "bench",
  FAST_LLM_MODEL: "bench",
});

type Place = { folder: string; server: InstantServer };

/** What one step of many costs, start and end left out: many steps less few, by the steps between. */
export async function costOfStep(steps: Steps, { folder, server }: Place, many: number, few = 1): Promise<StepCost> {
  const run = async (count: number): Promise<StepCost> => {
    const before = await server.heldMs();
    const { ms, cpuMs } = await timed(steps(count), folder, settingsFor(server));
    return { whole: ms, client: ms - ((await server.heldMs()) - before), computing: cpuMs };
  };
  const [long, short] = [await run(many), await run(few)];
  const between = (what: keyof StepCost): number => (long[what] - short[what]) / (many - few);
  return { whole: between("whole"), client: between("client"), computing: between("computing") };
}
