import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Puts the files of `made`, and of the folders in it, into `folder`, each in one act, the one named `last` after all
 * others, and removes what else `folder` held. At no moment is a file missing that both hold, so that whoever runs the
 * program meanwhile does not fail.
 * @param {string} made @param {string} folder @param {string} [last]
 */
export function replaceFolder(made, folder, last) {
  mkdirSync(folder, { recursive: true });
  const entries = readdirSync(made, { withFileTypes: true }).filter(({ name }) => name !== last);
  for (const entry of entries) {
    const [from, to] = [join(made, entry.name), join(folder, entry.name)];
    if (entry.isDirectory()) replaceFolder(from, to);
    else renameSync(from, to);
  }
  if (last !== undefined) renameSync(join(made, last), join(folder, last));
  const kept = new Set([...entries.map(({ name }) => name), last]);
  for (const file of readdirSync(folder))
    if (!kept.has(file)) rmSync(join(folder, file), { recursive: true, force: true });
}
