import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Where a path really is, for one that need not exist. */
export async function realName(path: string): Promise<string> {
  const real = await realpath(path).catch(() => null);
  if (real !== null || dirname(path) === path) return real ?? path;
  return join(await realName(dirname(path)), basename(path));
}
