import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { walkFolder } from "../../base/folders/walk-folder.js";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
const ownerMarks = 0o6000;
/** How often a walk begins anew because other code moves what lies deep. */
const mostWalks = 10;

/**
 * Removes the setuid and setgid bits of every file below a folder (its real path), however deep. Other code may replace
 * folders and files by links meanwhile, so only what is held open, and known to lie inside, is changed. Linux only.
 */
export async function stripOwnerMarks(root: string): Promise<void> {
  for (let walks = 0; walks < mostWalks; walks += 1) {
    const { complete } = await walkFolder(root, async ({ at, entries }) => {
      for (const entry of entries) if (entry.isFile()) await stripFile(`${at}/${entry.name}`);
      return undefined;
    });
    if (complete) return;
  }
}

async function stripFile(path: string): Promise<void> {
  const seen = await lstat(path).catch(() => null);
  if (seen === null || (seen.mode & ownerMarks) === 0) return;
  // O_NONBLOCK: opening a pipe that has replaced the file must not wait.
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => null);
  try {
    const facts = await file?.stat();
    if (facts?.isFile()) await file?.chmod(facts.mode & 0o1777);
  } finally {
    await file?.close();
  }
}
