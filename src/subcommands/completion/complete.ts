import type { Command } from "commander";
import { onOneLine } from "../../base/text.js";
import type { Settings } from "../../settings/schema.js";
import { candidatesFor } from "./candidates.js";
import { valuesIn } from "./values.js";

/** The first argument by which a shell asks what can be typed; the words behind `autogpt` follow it. */
export const completeWord = "__complete";

/**
 * What the scripts of `autogpt completion` read: a line for each candidate, its text and after a tab a few words about it;
 * `:files` or `:folders` where the shell is to offer those itself. Where settings cannot be read there are fewer candidates.
 */
export async function complete(
  program: Command,
  words: readonly string[],
  folders: () => Promise<Pick<Settings, "home" | "workspaceDirectory">>,
): Promise<string> {
  const { candidates, also } = await candidatesFor(program, words, valuesIn(folders)).catch(() => nothing);
  const lines = candidates.map(({ text, help }) => (help === "" ? text : `${text}\t${onOneLine(help)}`));
  return [...lines, ...(also ? [`:${also}`] : [])].map((line) => `${line}\n`).join("");
}

const nothing = { candidates: [], also: null };
