import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { median, report, repository, startInstantServer, withFolder } from "../support/measure.js";
import { costOfStep, loopOf, ours, type Steps } from "./costs.js";

const rounds = 9;
const steps = 300;
const packages = [
  "@langchain/classic@1.0.50",
  "@langchain/core@1.4.0",
  "@langchain/openai@1.6.0",
  "@langchain/textsplitters@1.0.2",
];

/** A step with memory of this program and of LangChain's AutoGPT, which is installed for that: 110 MB, against the bare loop with an embedding. */
export async function benchStepPeers(): Promise<void> {
  await withFolder(async (folder) => {
    const others = join(folder, "others");
    try {
      const install = ["install", "--no-audit", "--no-fund", "--silent", "--prefix", others, ...packages];
      execFileSync("npm", install, { stdio: ["ignore", "ignore", "inherit"] });
    } catch {
      console.log("LangChain cannot be installed.");
      return;
    }
    const server = await startInstantServer();
    const script = join(repository, "bench", "support", "langchain-loop.js");
    const langchain: Steps = (count) => [script, server.url, String(count), others];
    const client = async (of: Steps): Promise<number> => (await costOfStep(of, { folder, server }, steps)).client;
    const [own, other, loops]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < rounds; round++) {
      await rm(join(folder, ".autogpt", "memory"), { recursive: true, force: true });
      const loop = await client(loopOf("bare-loop.js", server, "memory"));
      loops.push(loop);
      own.push((await client(ours("local"))) / loop);
      other.push((await client(langchain)) / loop);
    }
    server.close();
    const what = "a step with memory, client time ÷ the bare loop with an embedding";
    report(`autogpt: ${what}`, median(own), 2, `${median(loops).toFixed(2)} ms a step of the loop`);
    report(`LangChain's AutoGPT, nothing kept on disk: ${what}`, median(other), null);
  });
}
