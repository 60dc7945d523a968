// `npm run bench [NAME …] [FOLDER] [NUMBER …]`: each benchmark prints its own figures, ratios against something named in the same run.
import { benchCassette } from "./cassette.js";
import { benchFleet } from "./fleet.js";
import { benchKeeping } from "./keeping.js";
import { benchMcpStart } from "./mcp-start.js";
import { benchMemory } from "./memory.js";
import { benchMemoryGrowth } from "./memory-growth.js";
import { benchMoney } from "./money.js";
import { benchPages } from "./pages.js";
import { benchPdfs } from "./pdfs.js";
import { benchPeers } from "./peers.js";
import { benchRecall } from "./recall.js";
import { benchReply } from "./reply.js";
import { benchRestarts } from "./restarts.js";
import { benchResume } from "./resume.js";
import { benchSandbox } from "./sandbox.js";
import { benchSize } from "./size.js";
import { benchStartUp } from "./start-up.js";
import { benchSteps } from "./steps/index.js";
import { benchStepPeers } from "./steps/peers.js";
import { reported } from "./support/measure.js";
import { benchViewer } from "./viewer.js";

// Reading further certificates doubles the start of an empty Node, which every start is measured against.
delete process.env["NODE_EXTRA_CA_CERTS"];

const asked = process.argv.slice(2);
const numbers = asked.filter((word) => /^\d+$/.test(word)).map(Number);
const folder = asked.find((word) => word.includes("/"));

const benches: Record<string, () => Promise<void>> = {
  "start-up": benchStartUp,
  "mcp-start": benchMcpStart,
  steps: benchSteps,
  fleet: () => benchFleet(numbers),
  keeping: benchKeeping,
  cassette: benchCassette,
  money: benchMoney,
  reply: benchReply,
  resume: benchResume,
  size: benchSize,
  memory: benchMemory,
  "memory-growth": () => benchMemoryGrowth(numbers),
  recall: benchRecall,
  sandbox: benchSandbox,
  viewer: benchViewer,
  pages: () => benchPages(folder),
  pdfs: () => benchPdfs(folder),
};

/** What takes long, or installs hundreds of megabytes, is done only where it is named. */
const onlyNamed: Record<string, () => Promise<void>> = {
  peers: benchPeers,
  "step-peers": benchStepPeers,
  restarts: () => benchRestarts(numbers),
};

const names = asked.filter((word) => !word.includes("/") && !/^\d+$/.test(word));
for (const [name, bench] of Object.entries(names.length > 0 ? { ...benches, ...onlyNamed } : benches)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.log(`\n${name}`);
  const start = performance.now();
  await bench();
  console.log(`(${((performance.now() - start) / 1000).toFixed(0)} s)`);
}

const missed = reported.filter(({ isKept }) => !isKept);
if (reported.length > 0)
  console.log(`\n${reported.length - missed.length} of ${reported.length} figures keep to what they are to be.`);
for (const { line } of missed) console.log(`  ${line}`);
