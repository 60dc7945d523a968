import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/**
 * Makes the folder of the program's own state where it is missing. Git takes nothing of it: it has a `.gitignore` with `*`.
 * A folder of another name that is there already gets none, as it may hold other things. Throws the system's error.
 */
export function makeStateFolder(home: string): void {
  const made = mkdirSync(home, { recursive: true, mode: 0o700 }) !== undefined;
  if (!made && basename(home) !== ".autogpt") return;
  try {
    writeFileSync(join(home, ".gitignore"), "*\n", { flag: "wx" });
  } catch {
    // It is there already, or the folder cannot be written, which whoever needs it says.
  }
}
