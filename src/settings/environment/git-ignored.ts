import { existsSync } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";

/**
 * Whether Git would take this file with `git add .`: it lies in a repository, and no .gitignore on its way nor the
 * repository's own list of exclusions names it.
 */
export async function isOpenToGit(file: string): Promise<boolean> {
  const root = repositoryOf(dirname(file));
  if (root === null) return false;
  const { default: ignore } = await import("ignore");
  const folders: string[] = [];
  for (let at = dirname(file); ; at = dirname(at)) {
    folders.push(at);
    if (at === root) break;
  }
  const lists = [
    ...folders.map((folder) => [folder, join(folder, ".gitignore")] as const),
    [root, join(root, ".git", "info", "exclude")] as const,
  ];
  for (const [folder, list] of lists) {
    const rules = await readFile(list, "utf8").catch(() => "");
    const { ignored, unignored } = ignore().add(rules).test(relative(folder, file).replaceAll("\\", "/"));
    if (ignored || unignored) return unignored;
  }
  return true;
}

/** The root of the repository that a folder lies in; null where in none. */
function repositoryOf(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return at;
    if (dirname(at) === at) return null;
  }
}

/** Adds a file to the .gitignore beside it. Throws the system's error. */
export async function addToGitignore(file: string): Promise<void> {
  const list = join(dirname(file), ".gitignore");
  const before = await readFile(list, "utf8").catch(() => "");
  await appendFile(list, `${before === "" || before.endsWith("\n") ? "" : "\n"}${basename(file)}\n`);
}
