// A front end of your own: every event as it happens, and a question before each command. Ctrl-C ends the run so that it
// can be resumed: run() itself listens to no signal.
import { createInterface } from "node:readline/promises";
import { run } from "autogpt";
import { openModel } from "./model.mjs";

const model = await openModel([
  { name: "write_to_file", args: { file: "a.txt", text: "one" } },
  { name: "delete_file", args: { file: "a.txt" } },
  { name: "task_complete", args: { reason: "Both files are looked after." } },
]);

const terminal = createInterface({ input: process.stdin });
const lines = terminal[Symbol.asyncIterator]();
const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort());

const end = await run({
  ...model.options,
  ai: { name: "Clerk", role: "an AI that keeps files in order", goals: ["Look after the files"] },
  signal: interrupt.signal,
  onEvent(event) {
    if (event.type === "reply-parsed") console.log(`\n${event.thoughts.text}`);
    if (event.type === "step-end") console.log(`${event.outcome}: ${event.result.text}`);
  },
  onWarning: (text) => console.error(text),
  async ask({ command, effect }) {
    console.log(`${command.name} ${JSON.stringify(command.args)} (${effect}). y, n, or what the AI should do instead:`);
    const { value: answer = "n" } = await lines.next();
    if (answer === "y") return "yes";
    return answer === "n" ? "no" : { feedback: answer };
  },
});
terminal.close();
model.close();

console.log(`\n${end.reason}, $${end.usage.costUsd.toFixed(4)}`);
process.exitCode = end.exitCode;
