import type { ContextCounts } from "../history/events.js";
import type { RecalledNote } from "../history/event-parts.js";
import type { Mask } from "../base/mask.js";
import type { Memory } from "../memory/memory.js";
import type { Message } from "../model/model.js";
import { escapeControls, escapeText } from "../base/escape.js";
import type { Screen } from "./screen.js";

const recalledLine = ({ id, score, source: { kind, run, step, from } }: RecalledNote): string =>
  `  ${score.toFixed(3)}  ${kind}${from === undefined ? "" : ` ${from}`}, run ${run}, step ${step}  ${id}`;

/** Shows the context that is sent, secrets masked, with token counts and what memory holds: one call before each request. */
export function createInspector(
  screen: Screen,
  memory: Memory,
  countTokens: (text: string) => number,
  mask: Mask,
): (messages: readonly Message[], counts: ContextCounts, budget: number) => Promise<void> {
  return async (messages, counts, budget) => {
    const stats = await memory.stats();
    const lines = messages.map(
      ({ role, content }) => `--- ${role} (${countTokens(content)} tokens)\n${escapeText(mask(content))}`,
    );
    const summary = `Context: ${counts.tokens} of ${budget} tokens in ${counts.messages} messages, ${counts.memories} memories recalled.`;
    const remembered = `Memory: ${stats.backend}, ${stats.records} records, embeddings by ${stats.embeddingModel ?? "none"}, ${stats.dimension ?? "no"} dimensions.`;
    const recalled = counts.recalled.map((note) => escapeControls(mask(recalledLine(note)), { newlines: "escape" }));
    for (const text of ["DEBUG", ...lines, summary, ...recalled, remembered]) screen.note(text);
  };
}
