// The least a loop could do: the openai client, JSON.parse, and two lines a step that are on disk before it goes on. With `memory`
// it asks for one embedding a step as well.
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { OpenAI } from "openai";

const [baseURL = "", steps = "0", memory] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const file = openSync("bare.jsonl", "a");
const keep = (/** @type {object} */ line) => {
  writeSync(file, `${JSON.stringify(line)}\n`);
  fdatasyncSync(file);
};
/** @type {import("openai").OpenAI.ChatCompletionMessageParam[]} */
const messages = [{ role: "system", content: "You answer in JSON. ".repeat(180) }];
for (let step = 1; step <= Number(steps); step++) {
  const answer = await client.chat.completions.create({ model: "bench", messages });
  const content = answer.choices[0]?.message.content ?? "";
  const { command } = JSON.parse(content);
  keep({ step, command });
  keep({ step, content });
  if (memory !== undefined)
    await client.embeddings.create({ model: "bench", input: [content], encoding_format: "float" });
  messages.push({ role: "assistant", content }, { role: "user", content: "No action performed." });
  // As in the program, what is oldest gives way once the window is full.
  if (messages.length > 200) messages.splice(1, 134);
}
closeSync(file);
