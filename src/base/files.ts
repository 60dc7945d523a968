import { randomUUID } from "node:crypto";
import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { open, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isRunning } from "./is-running.js";
import { nullIfMissing } from "./system-error.js";

/** The size of a file in bytes; 0 where there is none. */
export const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(nullIfMissing))?.size ?? 0;

/**
 * Replaces or creates `file` in one act, on disk before it appears: a reader finds the old content or the new. The
 * permissions of the old file are kept; a new one gets `newMode`, by default for its owner alone. Throws the system's
 * error, and leaves the old content as it was.
 */
export async function replaceFile(
  file: string,
  content: string | AsyncIterable<Uint8Array>,
  { newMode = 0o600 } = {},
): Promise<void> {
  const draft = newDraft(file);
  const before = await stat(file).catch(nullIfMissing);
  try {
    const handle = await open(draft, "wx", newMode);
    try {
      if (before) await handle.chmod(before.mode & 0o777);
      for await (const chunk of typeof content === "string" ? [content] : content) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
}

/** As `replaceFile`, for a small text that has to be kept before anything else goes on. */
export function replaceFileSync(file: string, text: string): void {
  const draft = newDraft(file);
  try {
    writeFileSync(draft, text, { flag: "wx", mode: 0o600, flush: true });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** The name of a half-written file beside the one that it will replace; it says which process writes it. */
function newDraft(file: string): string {
  removeAbandonedDrafts(file);
  return `${file}.${process.pid}-${randomUUID()}.tmp`;
}

/** Removes what processes left that were killed while they wrote. */
function removeAbandonedDrafts(file: string): void {
  const [folder, start] = [dirname(file), `${basename(file)}.`];
  try {
    for (const name of readdirSync(folder)) {
      const pid = name.startsWith(start) ? /^(\d+)-[0-9a-f-]{36}\.tmp$/.exec(name.slice(start.length))?.[1] : undefined;
      if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true });
    }
  } catch {
    // They only take up room.
  }
}
