// The least that a loop could do without any package: URL STEPS synced|unsynced. It sends the same bodies by Node's own `fetch`, reads the answer's
// JSON, and appends two lines a step, which are on disk before it goes on, or are not.
import { loop } from "./loop.js";

const [baseURL = "", steps = "0", lines] = process.argv.slice(2);

await loop(Number(steps), {
  async ask(messages) {
    const answer = await fetch(`${baseURL}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer none" },
      body: JSON.stringify({ model: "bench", messages }),
    });
    const { choices } = /** @type {import("openai").OpenAI.ChatCompletion} */ (await answer.json());
    return choices[0]?.message.content ?? "";
  },
  synced: lines === "synced",
});
