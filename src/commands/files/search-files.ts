import * as z from "zod";
import type { FileList } from "../../workspace/workspace.js";
import { defineCommand } from "../command.js";

const mostListed = 1000;
/** Room for the line that says how many files are not listed. */
const noteCharacters = 80;

/** Lists the files of a folder and all folders below it, one a line. */
export const searchFiles = defineCommand({
  name: "search_files",
  label: "Search Files",
  args: z.object({ directory: z.string().default("").describe("<directory>") }),
  effect: "reads",
  synonyms: ["list_files"],
  async run({ directory }, { workspace, fitting }) {
    return listing(await workspace.list(directory.trim(), mostListed), fitting);
  },
});

function listing({ files, more }: FileList, fitting: (text: string) => number): string {
  if (files.length === 0) return "No files found.";
  const all = files.map(escaped).join("\n");
  if (more === 0 && fitting(all) >= all.length) return all;

  const lines: string[] = [];
  let room = fitting(all + " ".repeat(noteCharacters)) - noteCharacters;
  for (const file of files) {
    const line = escaped(file);
    room -= line.length + 1;
    if (room < 0 && lines.length > 0) break;
    lines.push(line);
  }
  const left = files.length - lines.length + more;
  if (left > 0) lines.push(`… and ${left} more. Name a directory to see the files in it.`);
  return lines.join("\n");
}

/** A file's name must not look like two lines, nor turn the text around it. */
const escaped = (name: string): string =>
  name.replace(
    /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
