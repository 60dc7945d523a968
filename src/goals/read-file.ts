import { createHash } from "node:crypto";
import * as z from "zod";
import { decodeText } from "../base/encoding.js";
import { WorkspaceError } from "../workspace/workspace-error.js";
import type { Workspace } from "../workspace/workspace.js";
import { defineCheck, type Check, type CheckContext } from "./check.js";
import { searchPattern, type SearchOutcome } from "./search-pattern.js";
import { pattern, text } from "./values.js";

/** How large a file may be that is judged by what stands in it. */
const mostBytes = 16 * 1024 * 1024;

/** A file that is judged: its text, and a hash of its bytes. */
export type JudgedFile = { text: string; sha256: string };

/** Null where there is no such file. Throws WorkspaceError where it cannot be read, or is too large. */
export async function readJudged(workspace: Workspace, file: string): Promise<JudgedFile | null> {
  try {
    const bytes = await workspace.read(file, mostBytes);
    return { text: decodeText(bytes).text, sha256: createHash("sha256").update(bytes).digest("hex") };
  } catch (error) {
    if (error instanceof WorkspaceError && error.kind === "not-found") return null;
    throw error;
  }
}

/** What came of looking for a pattern in a file. */
export type FileSearch = { outcome: SearchOutcome | "no-file"; characters: number; sha256?: string };

export async function searchFile(
  { workspace, search = searchPattern }: Pick<CheckContext, "workspace" | "search">,
  file: string,
  wanted: string,
): Promise<FileSearch> {
  const judged = await readJudged(workspace, file);
  if (judged === null) return { outcome: "no-file", characters: 0 };
  const outcome = await search(judged.text, wanted);
  return { outcome, characters: judged.text.length, sha256: judged.sha256 };
}

/** What is found where a file could not be searched; null where it was. */
export function whyNotSearched(outcome: FileSearch["outcome"]): string | null {
  switch (outcome) {
    case "no-file":
      return "file not found";
    case "no-pattern":
      return "the pattern is no regular expression";
    case "too-slow":
      return "the pattern takes too long on this file; write it so that it backtracks less";
    default:
      return null;
  }
}

/** What a search of a file means; `characters`: how long its text is. */
type Judge = (outcome: "found" | "not-found", characters: number) => { ok: boolean; found: string };

/** A check that looks for a pattern in a file, and fails where that cannot be done. */
export const patternCheck = (name: string, judge: Judge): Check =>
  defineCheck({
    name,
    value: z.strictObject({ file: text, pattern }, "must be file and pattern"),
    title: (value) => `${value.file} /${value.pattern}/`,
    files: ({ file }) => [file],
    async run(value, context) {
      const { outcome, characters, sha256 } = await searchFile(context, value.file, value.pattern);
      const evidence = sha256 === undefined ? {} : { sha256 };
      const problem = whyNotSearched(outcome);
      if (problem !== null) return { ok: false, found: problem, evidence };
      return { ...judge(outcome === "found" ? "found" : "not-found", characters), evidence };
    },
  });
