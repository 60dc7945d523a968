import { rm } from "node:fs/promises";
import { join } from "node:path";
import { median, report, repository, startInstantServer, withFolder } from "../support/measure.js";
import { installPeers } from "../support/install-peers.js";
import { costOfStep, loopOf, ours, type StepCost, type Steps } from "./costs.js";

const rounds = 9;
const steps = 300;
const packages = [
  "@langchain/classic@1.0.50",
  "@langchain/core@1.4.0",
  "@langchain/openai@1.6.0",
  "@langchain/textsplitters@1.0.2",
];

/**
 * A step with memory of this program and of LangChain's AutoGPT, which is installed for that (110 MB), against the bare loop with an embedding.
 * Where a disk is slow to sync, that is most of a step of the former and the latter: with TMPDIR in memory programs alone are measured.
 */
export async function benchStepPeers(): Promise<void> {
  await withFolder(async (folder) => {
    const others = installPeers(folder, packages);
    if (others === null) return;
    const server = await startInstantServer();
    const script = join(repository, "bench", "steps", "langchain-loop.js");
    const langchain: Steps = (count) => [script, server.url, String(count), others];
    const cost = (of: Steps): Promise<StepCost> => costOfStep(of, { folder, server }, steps);
    const [loops, own, other]: [StepCost[], StepCost[], StepCost[]] = [[], [], []];
    for (let round = 0; round < rounds; round++) {
      await rm(join(folder, ".autogpt", "memory"), { recursive: true, force: true });
      loops.push(await cost(loopOf("bare-loop.js", server, "memory")));
      own.push(await cost(ours("local")));
      other.push(await cost(langchain));
    }
    server.close();
    const ratio = (costs: readonly StepCost[], what: keyof StepCost): number =>
      median(costs.map((one, round) => one[what] / (loops[round]?.[what] ?? NaN)));
    const what = "a step with memory, client time ÷ the bare loop with an embedding";
    for (const [name, costs, most] of [
      ["autogpt", own, 2],
      ["LangChain's AutoGPT, which keeps nothing on disk", other, null],
    ] as const)
      report(`${name}: ${what}`, ratio(costs, "client"), most, `${ratio(costs, "computing").toFixed(2)} by computing`);
  });
}
