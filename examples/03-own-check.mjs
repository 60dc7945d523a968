// A check of your own: the program looks by itself whether a goal is reached. Here the AI is too quick to say that it is done.
import { defineCheck, run } from "autogpt";
import * as z from "zod";
import { openModel } from "./model.mjs";

const mostWords = defineCheck({
  name: "most_words",
  value: z.strictObject({ file: z.string(), words: z.int("must be a whole number") }),
  title: ({ file, words }) => `${file} ${words}`,
  async run({ file, words }, { workspace }) {
    const count = (await workspace.readText(file)).split(/\s+/).filter((word) => word !== "").length;
    return { ok: count <= words, found: `${count} words` };
  },
});

const model = await openModel([
  {
    name: "write_to_file",
    args: { file: "slogan.txt", text: "A slogan that goes on for rather longer than it should" },
  },
  { name: "task_complete", args: { reason: "The slogan is written." } },
  { name: "write_to_file", args: { file: "slogan.txt", text: "Short and good" } },
  { name: "task_complete", args: { reason: "The slogan is short now." } },
]);

const end = await run({
  ...model.options,
  ai: {
    name: "Copywriter",
    role: "an AI that writes slogans",
    goals: [{ goal: "Write a slogan to slogan.txt", checks: [{ most_words: { file: "slogan.txt", words: 5 } }] }],
  },
  checks: [mostWords],
  settings: { continuous: true, continuousLimit: 10, requireProof: true },
  onEvent(event) {
    if (event.type === "step-end" && event.command?.name === "task_complete") console.log(event.result.text);
  },
});
model.close();

for (const { goal, verdict, evidence } of end.goals) console.log(`${verdict}: ${goal} (${evidence})`);
process.exitCode = end.exitCode;
