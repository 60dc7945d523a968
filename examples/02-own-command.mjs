// A command of your own beside the built-in ones. The model reads of it in its prompt and may ask for it like for any other.
import { run } from "autogpt";
import { openModel } from "./model.mjs";
import { wordCount } from "./word-count.mjs";

const model = await openModel([
  { name: "write_to_file", args: { file: "text.txt", text: "How many words are these?" } },
  { name: "word_count", args: { file: "text.txt" } },
  { name: "task_complete", args: { reason: "The words are counted." } },
]);

const end = await run({
  ...model.options,
  ai: {
    name: "Counter",
    role: "an AI that counts words",
    goals: ["Write a short text to text.txt and count its words"],
  },
  commands: [wordCount],
  settings: { continuous: true, continuousLimit: 10 },
  onEvent(event) {
    if (event.type === "step-end") console.log(event.result.text);
  },
});
model.close();

console.log(end.reason);
process.exitCode = end.exitCode;
