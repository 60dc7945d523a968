// A run from a program: who the AI is, what it may use, and what came of it.
import { readFile } from "node:fs/promises";
import { run } from "autogpt";
import { openModel } from "./model.mjs";

const model = await openModel([
  { name: "write_to_file", args: { file: "haiku.txt", text: "Old pond.\nA frog leaps in.\nThe sound of water.\n" } },
  { name: "task_complete", args: { reason: "The haiku is written." } },
]);

const end = await run({
  ...model.options,
  ai: {
    name: "Poet",
    role: "an AI that writes short poems",
    goals: [{ goal: "Write a haiku to haiku.txt", checks: [{ file_exists: "haiku.txt" }] }],
  },
  // No question before a command; ten steps and five minutes at the most.
  settings: { continuous: true, continuousLimit: 10, maxTime: "5m" },
});
model.close();

console.log(`${end.run}: ${end.reason} after ${end.steps} steps and ${end.usage.requests} requests`);
for (const { goal, verdict, evidence } of end.goals) console.log(`${verdict}: ${goal} (${evidence})`);
console.log(await readFile("workspace/haiku.txt", "utf8"));
process.exitCode = end.exitCode;
