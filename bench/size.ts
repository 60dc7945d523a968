import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./support/measure.js";

/** What the required dependencies take on disk, with all that they need themselves. */
export async function benchSize(): Promise<void> {
  const { dependencies } = readPackage(repository);
  const needed = new Map<string, string>();
  const follow = (name: string, from: string): void => {
    const folder = [join(from, "node_modules", name), join(repository, "node_modules", name)].find(isFolder);
    if (folder === undefined || needed.has(folder)) return;
    needed.set(folder, name);
    for (const next of Object.keys(readPackage(folder).dependencies ?? {})) follow(next, folder);
  };
  for (const name of Object.keys(dependencies ?? {})) follow(name, repository);
  const bytes = [...needed.keys()].reduce((sum, folder) => sum + sizeOf(folder), 0);
  console.log(
    `required dependencies: ${(bytes / 1e6).toFixed(1)} MB in ${needed.size} packages; dist: ${(sizeOf(join(repository, "dist")) / 1e6).toFixed(1)} MB`,
  );
}

const readPackage = (folder: string): { dependencies?: Record<string, string> } =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { dependencies?: Record<string, string> };

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const sizeOf = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== "node_modules")
    .reduce(
      (sum, entry) =>
        sum + (entry.isDirectory() ? sizeOf(join(folder, entry.name)) : statSync(join(folder, entry.name)).size),
      0,
    );
