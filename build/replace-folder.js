import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Puts the files of `made` into `folder`, each in one act, the one named `last` after all others, and removes what else
 * `folder` held. At no moment is a file missing that both hold, so that whoever runs the program meanwhile does not fail.
 * @param {string} made @param {string} folder @param {string} last
 */
export function replaceFolder(made, folder, last) {
  mkdirSync(folder, { recursive: true });
  const files = readdirSync(made).filter((file) => file !== last);
  for (const file of [...files, last]) renameSync(join(made, file), join(folder, file));
  const kept = new Set([...files, last]);
  for (const file of readdirSync(folder))
    if (!kept.has(file)) rmSync(join(folder, file), { recursive: true, force: true });
}
