import { appendFile, readFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { foldersInRepository } from "../../base/folders/repository.js";

/**
 * Whether Git would take this file with `git add .`: it lies in a repository, and no .gitignore on its way nor the
 * repository's own list of exclusions names it.
 */
export async function isOpenToGit(file: string): Promise<boolean> {
  const folders = foldersInRepository(dirname(file));
  const root = folders?.at(-1);
  if (folders === null || root === undefined) return false;
  const { default: ignore } = await import("ignore");
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

/** Adds a file to the .gitignore beside it. Throws the system's error. */
export async function addToGitignore(file: string): Promise<void> {
  const list = join(dirname(file), ".gitignore");
  const before = await readFile(list, "utf8").catch(() => "");
  await appendFile(list, `${before === "" || before.endsWith("\n") ? "" : "\n"}${basename(file)}\n`);
}
