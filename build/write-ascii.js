import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Spells every character beyond ASCII in the scripts of a folder as an escape: bin/autogpt.js reads them as Latin-1, which
 * is faster, and esbuild leaves such characters in regular expressions as they are. An escape means the same there.
 * @param {string} folder
 */
export function writeAscii(folder) {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".cjs"))) {
    const file = join(folder, name);
    const text = readFileSync(file, "utf8");
    const ascii = text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
    if (ascii !== text) writeFileSync(file, ascii);
  }
}
