import { createHash } from "node:crypto";
import type { Tool } from "./tool.js";

/** Dots stand between server and tool; the model gets a tool's own name otherwise, so far as it is one word. */
const asWord = (name: string): string => name.replace(/[^\w.-]+/g, "_");

/**
 * The names of a server's tools as commands, in the order of the tools; each is another one. Where tools' names are the same
 * once they are written as a word, those that are not written so have a part of their digest behind them, whatever their order.
 */
export function commandNames(server: string, tools: readonly Pick<Tool, "name">[]): string[] {
  const exact = new Set(tools.map(({ name }) => name).filter((name) => asWord(name) === name));
  const counts = new Map<string, number>();
  for (const { name } of tools) counts.set(asWord(name), (counts.get(asWord(name)) ?? 0) + 1);
  const taken = new Set(exact);
  return tools.map(({ name }) => {
    const word = asWord(name);
    if (exact.has(name)) return `${server}.${word}`;
    const own = counts.get(word) === 1 && !taken.has(word) ? word : withDigest(word, name, taken);
    taken.add(own);
    return `${server}.${own}`;
  });
}

const shortest = 6;

function withDigest(word: string, name: string, taken: ReadonlySet<string>): string {
  const digest = createHash("sha256").update(name).digest("hex");
  for (let length = shortest; ; length++) {
    const own = `${word}_${digest.slice(0, length)}`;
    if (!taken.has(own) || length > digest.length) return own;
  }
}
