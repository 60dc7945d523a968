import ignore, { type Ignore } from "ignore";
import { posix } from "node:path";
import { usualTimeLimits, type TimeLimits } from "../../../base/waiting/time-limits.js";
import { withTimeLimit } from "../../../base/waiting/with-time-limit.js";
import type { Workspace } from "../../../workspace/workspace.js";

/**
 * Those of these files (paths below the workspace) that no .gitignore of a folder on their way leaves out; null where that takes
 * too long: it can grow exponentially with the stars of the patterns.
 */
export async function notIgnored(
  files: readonly string[],
  workspace: Workspace,
  timeLimits: TimeLimits = usualTimeLimits,
): Promise<string[] | null> {
  const folders = new Set(files.flatMap(foldersOnTheWay));
  const rules = new Map<string, Ignore>();
  for (const folder of folders) {
    const bytes = await workspace.read(posix.join(folder, ".gitignore"), 1024 * 1024).catch(() => null);
    if (bytes !== null) rules.set(folder, ignore().add(bytes.toString("utf8")));
  }
  return withTimeLimit(longestMs, () => files.filter((file) => !isIgnored(file, rules)), timeLimits);
}

const longestMs = 5_000;

/** `.`, `a` and `a/b` for `a/b/c.txt`. */
const foldersOnTheWay = (file: string): string[] =>
  file.split("/").map((_name, depth, names) => names.slice(0, depth).join("/") || ".");

function isIgnored(file: string, rules: ReadonlyMap<string, Ignore>): boolean {
  const names = file.split("/");
  let ignored = false;
  for (const [depth, folder] of foldersOnTheWay(file).entries()) {
    const found = rules.get(folder)?.test(names.slice(depth).join("/"));
    if (found?.ignored) ignored = true;
    else if (found?.unignored) ignored = false;
  }
  return ignored;
}
