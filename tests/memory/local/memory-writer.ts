// Adds to a local memory for ever and says on standard output which records it was told are there.
// Arguments: the folder, who writes, how many records (as many as it can where that is missing).
import { openLocalMemory } from "../../../src/memory/local/index.js";
import { onlyEmbedding } from "../embedding/only-embedding.js";
import { wordsVector } from "../embedding/words-embedding.js";

const [directory = "", who = "", count = "Infinity"] = process.argv.slice(2);
const memory = await openLocalMemory({
  directory,
  index: "auto-gpt",
  aiName: "Ada",
  chooseEmbedding: onlyEmbedding("words", async (texts) => texts.map(wordsVector)),
  warn(message) {
    throw new Error(message);
  },
});
const call = { step: 1, signal: new AbortController().signal };
for (let step = 0; step < Number(count); step += 1) {
  const text = `${who} ${step} ${"long text ".repeat((step % 50) * 8)}`;
  await memory.add(text, { run: who, step, kind: "note" }, call);
  process.stdout.write(`${step}\n`);
}
