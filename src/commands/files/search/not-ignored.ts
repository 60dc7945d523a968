import ignore, { type Ignore } from "ignore";
import { posix } from "node:path";
import type { Workspace } from "../../../workspace/workspace.js";

/** Those of these files (paths below the workspace) that no .gitignore of a folder on their way leaves out. */
export async function notIgnored(files: readonly string[], workspace: Workspace): Promise<string[]> {
  const rules = new Map<string, Ignore | null>();
  const rulesOf = async (folder: string): Promise<Ignore | null> => {
    const known = rules.get(folder);
    if (known !== undefined) return known;
    const bytes = await workspace.read(posix.join(folder, ".gitignore"), 1024 * 1024).catch(() => null);
    const read = bytes === null ? null : ignore().add(bytes.toString("utf8"));
    rules.set(folder, read);
    return read;
  };
  const kept: string[] = [];
  for (const file of files) {
    const names = file.split("/");
    let ignored = false;
    for (let depth = 0; depth < names.length; depth += 1) {
      const found = (await rulesOf(names.slice(0, depth).join("/") || "."))?.test(names.slice(depth).join("/"));
      if (found?.ignored) ignored = true;
      else if (found?.unignored) ignored = false;
    }
    if (!ignored) kept.push(file);
  }
  return kept;
}
