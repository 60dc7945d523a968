// The least that a loop could do with the openai client: URL STEPS [memory]. Its lines are on disk before it goes on; with `memory` it asks for one
// embedding a step as well.
import { OpenAI } from "openai";
import { loop } from "./loop.js";

const [baseURL = "", steps = "0", memory] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const embed = (/** @type {string} */ text) =>
  client.embeddings.create({ model: "bench", input: [text], encoding_format: "float" });

await loop(Number(steps), {
  async ask(messages) {
    const answer = await client.chat.completions.create({ model: "bench", messages });
    return answer.choices[0]?.message.content ?? "";
  },
  ...(memory === undefined ? {} : { embed }),
  synced: true,
});
