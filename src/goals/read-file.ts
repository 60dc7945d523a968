import { createHash } from "node:crypto";
import { decodeText } from "../base/encoding.js";
import { WorkspaceError } from "../workspace/workspace-error.js";
import type { Workspace } from "../workspace/workspace.js";
import { searchPattern, type SearchOutcome } from "./search-pattern.js";

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

export async function searchFile(workspace: Workspace, file: string, pattern: string): Promise<FileSearch> {
  const judged = await readJudged(workspace, file);
  if (judged === null) return { outcome: "no-file", characters: 0 };
  const { text, sha256 } = judged;
  return { outcome: await searchPattern(text, pattern), characters: text.length, sha256 };
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
