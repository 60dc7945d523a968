import * as z from "zod";
import { decodeText, isText } from "../../../base/encoding.js";
import { escapeLine } from "../../../base/escape.js";
import { monotonicMs } from "../../../base/stopwatch.js";
import { counted, firstCharacters } from "../../../base/text.js";
import type { Holding } from "../../../workspace/reading/ripgrep.js";
import { defineCommand, type CommandContext, type Fitting } from "../../command.js";
import { notIgnored } from "./not-ignored.js";
import { matchingGlob } from "./matching-glob.js";
import { openMatcher, type Matcher } from "./matcher.js";
import { requiredText } from "./required-text.js";

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
    const text = requiredText(pattern, ignoreCase);
    try {
      const files = await filesIn(context, directory.trim(), glob);
      const found = await search(matcher, context, { ...files, holding: text === null ? null : { text, ignoreCase } });
      return await listing(found, context.fitting);
    } finally {
      await matcher.close();
    }
  },
});

type Files = { paths: readonly string[]; notes: string[] };

/** One file where one is named; else those of the folder but for packages of others and what is ignored. */
async function filesIn(
  { workspace, timeLimits, signal }: CommandContext,
  directory: string,
  glob: string | undefined,
): Promise<Files> {
  const entry = directory === "" ? null : await workspace.stat(directory);
  if (entry?.kind === "file") return { paths: [entry.path], notes: [] };
  const { files, more, unseen } = await workspace.list(directory, mostFiles, signal, packages);
  const named = glob === undefined ? files : matchingGlob(files, glob, directory, timeLimits);
  const kept = await notIgnored(named, workspace, timeLimits);
  const notes = more > 0 || unseen > 0 ? ["There are more files than are looked at: name a directory."] : [];
  return { paths: kept ?? named, notes: kept === null ? [...notes, ignoredAreSearched] : notes };
}

const ignoredAreSearched = "What .gitignore names is searched, too, since its patterns take too long to be compared.";

const packages: ReadonlySet<string> = new Set(["node_modules"]);

/** `searched`: how many of the files were looked at, or are known not to hold it. */
type Found = { lines: string[]; files: number; searched: number; notes: string[] };
type Batch = { path: string; text: string; number: number }[];

async function search(
  matcher: Matcher,
  { workspace, timeLimits, signal }: CommandContext,
  { paths, notes, holding }: Files & { holding: Holding | null },
): Promise<Found> {
  const endsAt = monotonicMs() + timeLimits.of(mostMs);
  const found: Found = {
    lines: [],
    files: 0,
    searched: 0,
    notes,
  };
  let batch: Batch = [];
  let size = 0;
  const look = async (): Promise<boolean> => {
    const numbers = new Map(batch.map(({ path, number }) => [path, number]));
    const hits = await matcher.find(batch, Math.min(timeLimits.of(mostMsOfBatch), endsAt - monotonicMs()));
    [batch, size] = [[], 0];
    if (hits === null) {
      timeLimits.met();
      found.notes.push("The search was ended, because it took too long: use a simpler pattern, or name a directory.");
      return false;
    }
    for (const { path, lines } of hits) {
      found.files += 1;
      for (const { number, text } of lines) found.lines.push(`${shown(path)}:${number}: ${shown(text)}`);
      if (found.lines.length < mostFound) continue;
      // In whatever parts the files came.
      found.searched = numbers.get(path) ?? found.searched;
      found.notes.push("More was not looked for: use a narrower pattern, or name a directory.");
      return false;
    }
    return true;
  };
  for await (const { path, bytes } of workspace.readEach(paths, { atMost: mostBytesOfFile, signal, holding })) {
    found.searched += 1;
    const text = textOf(bytes);
    if (text === null) continue;
    batch.push({ path, text, number: found.searched });
    size += text.length;
    if (size >= batchCharacters && !(await look())) return found;
  }
  if (batch.length > 0) await look();
  return found;
}

/** Null for what is no text. */
const textOf = (bytes: Buffer | null): string | null =>
  bytes !== null && isText(bytes) ? decodeText(bytes).text : null;

const shown = (text: string): string => {
  const line = escapeLine(text.trimEnd());
  return line.length > longestLine ? `${firstCharacters(line, longestLine)}…` : line;
};

async function listing({ lines, files, searched, notes }: Found, fitting: Fitting): Promise<string> {
  const head =
    lines.length === 0
      ? `Nothing found in ${counted(searched, "file")}.`
      : `${counted(lines.length, "line")} in ${counted(files, "file")} (of ${searched} searched); read_file takes "from_line" and "lines":`;
  const kept = lines.slice(0, mostFound);
  const whole = (): string => {
    const left = lines.length - kept.length;
    return [head, ...kept, ...(left > 0 ? [`… and ${counted(left, "line")} more.`] : []), ...notes].join("\n");
  };
  for (let text = whole(); (await fitting(text)) < text.length && kept.length > 1; text = whole())
    kept.length = Math.ceil(kept.length * 0.8) - 1;
  return whole();
}
