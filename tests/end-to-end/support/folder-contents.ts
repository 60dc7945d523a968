import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
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

/** The state of everything below a folder, and of itself: kind and mode, the time of its last change, and a hash of what it holds. */
export function statesOf(folder: string): Record<string, string> {
  const paths = [".", ...readdirSync(folder, { recursive: true, encoding: "utf8" })].sort();
  const states = paths.map((path) => {
    const at = join(folder, path);
    const { mode, mtimeNs } = lstatSync(at, { bigint: true });
    const stats = lstatSync(at);
    const held = stats.isSymbolicLink() ? readlinkSync(at) : stats.isFile() ? readFileSync(at) : "";
    return [path, `${mode.toString(8)} ${mtimeNs} ${createHash("sha256").update(held).digest("hex")}`];
  });
  return Object.fromEntries(states) as Record<string, string>;
}
