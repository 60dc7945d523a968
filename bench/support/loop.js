// What the loops do that a step of the program is measured against: JSON.parse, two lines a step, and messages that grow as in the program.
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";

/**
 * So many steps. `ask` sends the messages and gives the answer's text, `embed` asks for an embedding of it. Where `synced`, each line is on disk
 * before the loop goes on.
 *
 * @param {number} steps
 * @param {{
 *   ask: (messages: import("openai").OpenAI.ChatCompletionMessageParam[]) => Promise<string>;
 *   embed?: (text: string) => Promise<unknown>;
 *   synced: boolean;
 * }} how
 */
export async function loop(steps, { ask, embed, synced }) {
  const file = openSync("bare.jsonl", "a");
  const keep = (/** @type {object} */ line) => {
    writeSync(file, `${JSON.stringify(line)}\n`);
    if (synced) fdatasyncSync(file);
  };
  /** @type {import("openai").OpenAI.ChatCompletionMessageParam[]} */
  const messages = [{ role: "system", content: "You answer in JSON. ".repeat(180) }];
  for (let step = 1; step <= steps; step++) {
    const content = await ask(messages);
    const { command } = JSON.parse(content);
    keep({ step, command });
    keep({ step, content });
    await embed?.(content);
    messages.push({ role: "assistant", content }, { role: "user", content: "No action performed." });
    // As in the program, what is oldest gives way once the window is full.
    if (messages.length > 200) messages.splice(1, 134);
  }
  closeSync(file);
}
