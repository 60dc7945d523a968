// `npm run bench [NAME …]`: each benchmark prints its own figures, ratios against something named in the same run.
import { benchMemory } from "./memory.js";
import { benchReply } from "./reply.js";
import { benchSandbox } from "./sandbox.js";
import { benchSize } from "./size.js";
import { benchStartUp } from "./start-up.js";
import { benchSteps } from "./steps.js";

const benches: Record<string, () => Promise<void>> = {
  "start-up": benchStartUp,
  steps: benchSteps,
  reply: benchReply,
  size: benchSize,
  memory: benchMemory,
  sandbox: benchSandbox,
};

const asked = process.argv.slice(2);
for (const [name, bench] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n${name}`);
  await bench();
}
