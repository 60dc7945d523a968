import { commandLine } from "../../base/process/command-line.js";
import { SettingsError } from "../../errors.js";
import type { MemoryRecord } from "../../memory/memory.js";
import { lastAi } from "../../history/listing/first-event.js";
import { counted, shellQuoted } from "../../base/text.js";
import { withOwnMemory, type SubcommandUse } from "./own-memory.js";
import { ageOf, listed, whole } from "./shown-record.js";

export type Shown = { json: boolean };

/** `autogpt memory stats`: what the memory is, and how much it holds. */
export const memoryStats = (use: SubcommandUse, { json }: Shown): Promise<string> =>
  withOwnMemory(use, { asItIs: true }, async ({ aiName, memory }) => {
    const stats = await memory.stats();
    const index = use.loaded.settings.memoryIndex;
    if (json) return JSON.stringify({ aiName, index, ...stats });
    const { backend, records, embeddingModel, dimension, bytes, detail } = stats;
    const how = dimension === 0 ? "recalled by words" : `embedded by ${embeddingModel}, ${dimension} numbers each`;
    const lines = [
      `The memory of ${JSON.stringify(aiName)} in the index ${index}, on ${backend}:`,
      `${counted(records, "record")}${embeddingModel === null ? "" : `, ${how}`}${bytes === null ? "" : `, ${bytes} bytes`}`,
    ];
    return [...lines, ...(detail === null ? [] : [detail])].join("\n");
  });

/** Where the last run was that of another AI, how its memory is looked into; else "". */
async function otherAi({ loaded: { settings } }: SubcommandUse, aiName: string): Promise<string> {
  const last = await lastAi(settings.home);
  return last === null || last === aiName
    ? ""
    : ` The last run here was by ${JSON.stringify(last)}: --ai-name ${shellQuoted(last)} looks into its memory.`;
}

/** `autogpt memory search TEXT`: what would be recalled, best first, with score, age and source. */
export const searchMemory = (use: SubcommandUse, text: string, { json, count }: Shown & { count: number }) =>
  withOwnMemory(use, {}, async ({ aiName, memory, call }) => {
    const now = new Date();
    const found = await memory.recall(text, { count }, call);
    if (json) {
      const records = found.map(({ id, score, time, source, text: recalled }) => ({
        id,
        score,
        time,
        age: ageOf(time, now),
        source,
        text: recalled,
      }));
      return JSON.stringify(records);
    }
    return found.length === 0
      ? `Nothing is recalled by ${JSON.stringify(aiName)}.${await otherAi(use, aiName)}`
      : found.map((one) => listed(one, now, one.score)).join("\n");
  });

/** `autogpt memory show [ID…]`: these records as a whole, or the newest ones as a list. */
export const showMemory = (use: SubcommandUse, ids: readonly string[], { json, count }: Shown & { count: number }) =>
  withOwnMemory(use, { asItIs: true }, async ({ aiName, memory }) => {
    const now = new Date();
    const found: MemoryRecord[] = [];
    for await (const { id, text, source, time } of memory.entries()) {
      if (ids.length > 0 && !ids.some((begin) => id.startsWith(begin))) continue;
      found.push({ id, text, source, time });
      if (ids.length === 0 && found.length > count) found.shift();
    }
    const missing = ids.find((begin) => !found.some(({ id }) => id.startsWith(begin)));
    if (missing !== undefined)
      throw new SettingsError(`There is no record ${missing}; ${commandLine("memory show")} lists them.`);
    if (json) return JSON.stringify(found);
    if (found.length === 0) return `The memory of ${JSON.stringify(aiName)} is empty.${await otherAi(use, aiName)}`;
    return found
      .map((one) => (ids.length > 0 ? whole(one, now) : listed(one, now)))
      .join(ids.length > 0 ? "\n\n" : "\n");
  });
