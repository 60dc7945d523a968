import * as z from "zod";
import type { FileList } from "../../workspace/entries.js";
import { escapeLine } from "../../base/escape.js";
import { defineCommand, type Fitting } from "../command.js";
import { matchingGlob } from "./search/matching-glob.js";

const mostListed = 1000;
/** Room for the lines that say how much is not listed. */
const noteCharacters = 200;

/** Lists the files of a folder and all folders below it, one a line; with `pattern` those that it fits. */
export const searchFiles = defineCommand({
  name: "search_files",
  label: "Search Files",
  args: z.object({ directory: z.string().default("").describe("<directory>"), pattern: z.string().optional() }),
  effect: "reads",
  synonyms: ["list_files"],
  renames: { glob: "pattern" },
  foreign: ({ directory }) => ({ kind: "file names", from: directory.trim() || "." }),
  async run({ directory, pattern }, { workspace, timeLimits, fitting, signal }) {
    if (pattern === undefined) return listing(await workspace.list(directory.trim(), mostListed, signal), fitting);
    const all = await workspace.list(directory.trim(), Infinity, signal);
    const files = matchingGlob(all.files, pattern, directory.trim(), timeLimits);
    const more = Math.max(0, files.length - mostListed);
    return listing({ ...all, files: files.slice(0, mostListed), more }, fitting);
  },
});

async function listing({ files, more, unseen }: FileList, fitting: Fitting): Promise<string> {
  const notes =
    unseen === 0 ? [] : [`… and ${unseen} folders or more that were not looked into, each with all below it.`];
  if (files.length === 0) return ["No files found.", ...notes].join("\n");
  const all = [...files.map(escapeLine), ...notes].join("\n");
  if (more === 0 && (await fitting(all)) >= all.length) return all;

  const lines: string[] = [];
  let room = (await fitting(all + " ".repeat(noteCharacters))) - noteCharacters;
  for (const file of files) {
    const line = escapeLine(file);
    room -= line.length + 1;
    if (room < 0 && lines.length > 0) break;
    lines.push(line);
  }
  const left = files.length - lines.length + more;
  if (left > 0)
    lines.push(`… and ${left} more. Name a directory to see the files in it, or a "pattern" such as "*.md".`);
  return [...lines, ...notes].join("\n");
}
