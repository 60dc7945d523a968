import * as z from "zod";
import { decodeText } from "../../base/encoding.js";
import { WorkspaceError } from "../../workspace/workspace-error.js";
import type { Workspace } from "../../workspace/workspace.js";
import { defineCheck } from "../check.js";
import { searchPattern } from "../search-pattern.js";
import { pattern, text } from "../values.js";

/** How large a file may be that a pattern is looked for in. */
const searchedBytes = 16 * 1024 * 1024;

export const fileContains = defineCheck({
  name: "file_contains",
  value: z.strictObject({ file: text, pattern }, "must be file and pattern"),
  title: (value) => `${value.file} /${value.pattern}/`,
  async run(value, { workspace }) {
    const bytes = await readIfThere(workspace, value.file);
    if (bytes === null) return { ok: false, found: "file not found" };
    const decoded = decodeText(bytes).text;
    switch (await searchPattern(decoded, value.pattern)) {
      case "found":
        return { ok: true, found: "found" };
      case "not-found":
        return { ok: false, found: `the pattern was not found in the file (${decoded.length} characters)` };
      case "no-pattern":
        return { ok: false, found: "the pattern is no regular expression" };
      case "too-slow":
        return { ok: false, found: "the pattern takes too long on this file; write it so that it backtracks less" };
    }
  },
});

async function readIfThere(workspace: Workspace, file: string): Promise<Buffer | null> {
  try {
    return await workspace.read(file, searchedBytes);
  } catch (error) {
    if (error instanceof WorkspaceError && error.kind === "not-found") return null;
    throw error;
  }
}
