import { closeSync, fsyncSync, openSync } from "node:fs";

/** A new file survives a power cut only if its folder is synced too. Not every system can do that, or needs it. */
export function syncFolder(folder: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(folder, "r");
    fsyncSync(descriptor);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const isUnsupported = (error: unknown): boolean =>
  ["EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP"].includes((error as NodeJS.ErrnoException).code ?? "");
