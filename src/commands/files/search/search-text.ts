import * as z from "zod";
import { decodeText, isText } from "../../../base/encoding.js";
import { escapeControls } from "../../../base/escape.js";
import { counted, firstCharacters } from "../../../base/text.js";
import type { Workspace } from "../../../workspace/workspace.js";
import { defineCommand, type CommandContext } from "../../command.js";
import { notIgnored } from "./not-ignored.js";
import { matchesGlob } from "./matches-glob.js";
import { openMatcher, type Matcher } from "./matcher.js";

/** What is looked at, at most, and for how long. */
const mostFiles = 50_000;
const mostBytesOfFile = 4 * 1024 * 1024;
const mostMs = 20_000;
const mostMsOfBatch = 3000;
const mostFound = 500;
const longestLine = 300;
/** So much text is handed to the search at a time. */
const batchCharacters = 2 * 1024 * 1024;

/** Lists the lines of files that a regular expression fits; what .gitignore names is left out. */
export const searchText = defineCommand({
  name: "search_text",
  label: "Search text in files",
  args: z.object({
    pattern: z.string().min(1).describe("<regular_expression>"),
    directory: z.string().default("").describe("<directory>"),
    files: z.string().optional(),
    ignore_case: z.boolean().default(false),
  }),
  effect: "reads",
  synonyms: ["grep", "search_in_files"],
  renames: { query: "pattern", regex: "pattern", path: "directory", glob: "files", include: "files" },
  foreign: ({ directory }) => ({ kind: "file", from: directory.trim() || "." }),
  async run({ pattern, directory, files: glob, ignore_case: ignoreCase }, context) {
    const matcher = await openMatcher(pattern, ignoreCase);
    try {
      const found = await search(matcher, context, await filesIn(context, directory.trim(), glob));
      return listing(found, context.fitting);
    } finally {
      await matcher.close();
    }
  },
});

type Files = { paths: readonly string[]; left: boolean };

/** One file where one is named; else those of the folder but for packages of others and what is ignored. */
async function filesIn(
  { workspace, signal }: CommandContext,
  directory: string,
  glob: string | undefined,
): Promise<Files> {
  const entry = directory === "" ? null : await workspace.stat(directory);
  if (entry?.kind === "file") return { paths: [entry.path], left: false };
  const { files, more, unseen } = await workspace.list(directory, mostFiles, signal, packages);
  const kept = await notIgnored(files, workspace);
  return { paths: glob === undefined ? kept : kept.filter(matchesGlob(glob, directory)), left: more > 0 || unseen > 0 };
}

const packages: ReadonlySet<string> = new Set(["node_modules"]);

type Found = { lines: string[]; files: number; searched: number; notes: string[] };

async function search(matcher: Matcher, { workspace, signal }: CommandContext, { paths, left }: Files): Promise<Found> {
  const endsAt = performance.now() + mostMs;
  const found: Found = {
    lines: [],
    files: 0,
    searched: 0,
    notes: left ? ["There are more files than are looked at: name a directory."] : [],
  };
  let batch: { path: string; text: string }[] = [];
  let size = 0;
  const look = async (): Promise<boolean> => {
    const hits = await matcher.find(batch, Math.min(mostMsOfBatch, endsAt - performance.now()));
    [batch, size] = [[], 0];
    if (hits === null) {
      found.notes.push("The search was ended, because it took too long: use a simpler pattern, or name a directory.");
      return false;
    }
    for (const { path, lines } of hits) {
      found.files += 1;
      for (const { number, text } of lines) found.lines.push(`${shown(path)}:${number}: ${shown(text)}`);
    }
    if (found.lines.length < mostFound) return true;
    found.notes.push("More was not looked for: use a narrower pattern, or name a directory.");
    return false;
  };
  for (const path of paths) {
    signal.throwIfAborted();
    const text = await textOf(workspace, path);
    if (text === null) continue;
    found.searched += 1;
    batch.push({ path, text });
    size += text.length;
    if (size >= batchCharacters && !(await look())) return found;
  }
  if (batch.length > 0) await look();
  return found;
}

/** Null for what is no text, too large, or cannot be read. */
async function textOf(workspace: Workspace, path: string): Promise<string | null> {
  const bytes = await workspace.read(path, mostBytesOfFile).catch(() => null);
  return bytes !== null && isText(bytes) ? decodeText(bytes).text : null;
}

const shown = (text: string): string => {
  const line = escapeControls(text.trimEnd(), { newlines: "escape" });
  return line.length > longestLine ? `${firstCharacters(line, longestLine)}…` : line;
};

function listing({ lines, files, searched, notes }: Found, fitting: (text: string) => number): string {
  const head =
    lines.length === 0
      ? `Nothing found in ${counted(searched, "file")}.`
      : `${counted(lines.length, "line")} in ${counted(files, "file")} (of ${searched} searched); read_file takes "from_line" and "lines":`;
  const kept = lines.slice(0, mostFound);
  const whole = (): string => {
    const left = lines.length - kept.length;
    return [head, ...kept, ...(left > 0 ? [`… and ${counted(left, "line")} more.`] : []), ...notes].join("\n");
  };
  for (let text = whole(); fitting(text) < text.length && kept.length > 1; text = whole())
    kept.length = Math.ceil(kept.length * 0.8) - 1;
  return whole();
}
