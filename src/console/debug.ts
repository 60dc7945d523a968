import type { Mask } from "../history/events.js";
import type { Memory } from "../memory/memory.js";
import type { Message } from "../model/model.js";
import { escapeControls } from "./escape.js";
import type { Screen } from "./screen.js";

type Counts = { tokens: number; messages: number; memories: number };

/** Shows the context that is sent, secrets masked, with token counts and what memory holds: one call before each request. */
export function createInspector(
  screen: Screen,
  memory: Memory,
  countTokens: (text: string) => number,
  mask: Mask,
): (messages: readonly Message[], counts: Counts, budget: number) => Promise<void> {
  return async (messages, counts, budget) => {
    const stats = await memory.stats();
    const lines = messages.map(
      ({ role, content }) =>
        `--- ${role} (${countTokens(content)} tokens)\n${escapeControls(mask(content), { newlines: "keep" })}`,
    );
    const summary = `Context: ${counts.tokens} of ${budget} tokens in ${counts.messages} messages, ${counts.memories} memories recalled.`;
    const remembered = `Memory: ${stats.backend}, ${stats.records} records, embeddings by ${stats.embeddingModel ?? "none"}, ${stats.dimension ?? "no"} dimensions.`;
    screen.note(["DEBUG", ...lines, summary, remembered].join("\n"));
  };
}
