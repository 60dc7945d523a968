// What runs have recorded: the last run of this folder, or the one whose name, folder or journal is given.
//   node 05-read-runs.mjs [NAME|PATH]
import { readRun } from "autogpt";

const { start, steps, totals, durationMs, end, events } = await readRun(process.argv[2]);

console.log(`${start.run}: ${start.aiName}, ${start.aiRole}`);
console.log(`begun ${start.time} with ${start.model.smart}; ${end ? `ended: ${end.reason}` : "it has no end"}`);
for (const { step, command, outcome, result } of steps)
  console.log(`${step}. ${command?.name ?? "no command"}: ${outcome}${result.ok ? "" : ", failed"}`);
const asked = events.filter(({ type }) => type === "command-asked").length;
console.log(
  `${totals.requests} requests, $${totals.costUsd.toFixed(4)}, ${durationMs} ms; ${asked} questions to the user`,
);
