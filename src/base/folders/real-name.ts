import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isThere } from "./facts-of.js";

/** Where a path really is, for one that need not exist. */
export async function realName(path: string): Promise<string> {
  // Most paths that are asked about are not there.
  const real = isThere(path) ? realOf(path) : null;
  if (real !== null || dirname(path) === path) return real ?? path;
  return join(await realName(dirname(path)), basename(path));
}

/** Null where a link leads nowhere. */
function realOf(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}
