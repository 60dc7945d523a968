import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Every file below a folder, hidden ones included, by its path; empty folders end in "/". */
export function contentsOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }));
  const named = paths.map(({ entry, path }) => {
    const name = relative(folder, path).replaceAll("\\", "/");
    if (!entry.isDirectory()) return [name, readFileSync(path, "utf8")];
    return [`${name}/`, `${readdirSync(path).length} entries`];
  });
  return Object.fromEntries(named.sort()) as Record<string, string>;
}
