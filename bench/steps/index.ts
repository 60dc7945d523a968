import { rm } from "node:fs/promises";
import { join } from "node:path";
import { median, report, startInstantServer, withFolder } from "../support/measure.js";
import { costOfStep, loopOf, ours, type StepCost, type Steps } from "./costs.js";
import { reportGrowth } from "./growth.js";
import { reportInSeries } from "./in-series.js";

const rounds = 9;
const [steps, stepsWithMemory] = [1_000, 300];

/** Time and memory of a run of many steps, against loops over the same server and an empty Node process. */
export async function benchSteps(): Promise<void> {
  await withFolder(async (folder) => {
    const server = await startInstantServer();
    const cost = (of: Steps, count: number): Promise<StepCost> => costOfStep(of, { folder, server }, count);
    const openai = loopOf("bare-loop.js", server);
    const withEmbedding = loopOf("bare-loop.js", server, "memory");
    const [synced, unsynced] = [loopOf("fetch-loop.js", server, "synced"), loopOf("fetch-loop.js", server, "unsynced")];
    const [plain, remembering]: [Compared, Compared] = [new Map(), new Map()];
    for (let round = 0; round < rounds; round++) {
      add(plain, "ours", await cost(ours("no_memory"), steps));
      for (const [name, loop] of Object.entries({ openai, synced, unsynced }))
        add(plain, name, await cost(loop, steps));
      await rm(join(folder, ".autogpt", "memory"), { recursive: true, force: true });
      add(remembering, "ours", await cost(ours("local"), stepsWithMemory));
      add(remembering, "loop", await cost(withEmbedding, stepsWithMemory));
    }
    server.close();
    const byComputing = (costs: Compared, other: string): string =>
      `${ratioOf(costs, other, "computing").toFixed(2)} by computing; ${spoken(costs, "ours")} : ${spoken(costs, other)}`;
    const bare = "a step ÷ a step of the bare loop";
    report(bare, ratioOf(plain, "openai", "whole"), 1.1, byComputing(plain, "openai"));
    const lazy = `${ratioOf(plain, "unsynced", "client").toFixed(2)} where its lines are not synced`;
    const least = "a step without memory, client time ÷ fetch and two synced lines";
    report(least, ratioOf(plain, "synced", "client"), 2, `${lazy}, ${byComputing(plain, "synced")}`);
    const memory = "a step with local memory, client time ÷ the bare loop with an embedding";
    const whole = `${ratioOf(remembering, "loop", "whole").toFixed(2)} with the server's time`;
    report(memory, ratioOf(remembering, "loop", "client"), 2, `${whole}, ${byComputing(remembering, "loop")}`);
  });
  await reportInSeries();
  await reportGrowth();
}

/** By name, what a step cost in each round. */
type Compared = Map<string, StepCost[]>;

const add = (to: Compared, name: string, cost: StepCost): void => void to.set(name, [...(to.get(name) ?? []), cost]);

/** Ours by another one's, round by round. */
function ratioOf(costs: Compared, other: string, what: keyof StepCost): number {
  const theirs = costs.get(other) ?? [];
  return median((costs.get("ours") ?? []).map((mine, round) => mine[what] / (theirs[round]?.[what] ?? NaN)));
}

/** The medians of a step: the whole of it, and without the server's time. */
function spoken(costs: Compared, name: string): string {
  const of = (what: keyof StepCost): string => median((costs.get(name) ?? []).map((cost) => cost[what])).toFixed(2);
  return `${of("whole")} ms, ${of("client")} without the server`;
}
