// Whether dist/ was built from the sources as they are now.
import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";

/** The first characters of the bundle hold the digest of what it was built from. @param {string} digest */
export const stampOf = (digest) => `/*${digest}*/`;

/** A digest of everything that the bundle is made of: sources, build and the packages that are installed. @param {string} root */
export function digestSources(root) {
  const hash = createHash("sha256");
  const below = (/** @type {string} */ folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  const packages = [join(root, "package.json"), join(root, "node_modules", ".package-lock.json")];
  for (const file of [...below("src"), ...below("build"), ...packages])
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readOrNothing(file))
      .update("\0");
  return hash.digest("hex");
}

/** Whether the bundle in `dist` was built from these sources. @param {string} root */
export function isFresh(root, digest = digestSources(root)) {
  const stamp = stampOf(digest);
  try {
    const file = openSync(join(root, "dist", "cli.cjs"), "r");
    try {
      const start = Buffer.alloc(stamp.length);
      readSync(file, start);
      return start.toString("latin1") === stamp;
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

/** @param {string} file */
function readOrNothing(file) {
  try {
    return readFileSync(file);
  } catch {
    return "";
  }
}
