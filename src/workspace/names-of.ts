import { realpath } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { absolutePath, checkRealPath, type Boundary } from "./boundary.js";

/** See Workspace.namesOf. Throws WorkspaceError when the path leads out. */
export async function namesOf(boundary: Boundary, path: string): Promise<string[]> {
  const absolute = absolutePath(boundary, path);
  const real = await realName(absolute);
  checkRealPath(boundary, real, path, "read");
  const below = (name: string): string => relative(boundary.root, name).split(sep).join("/") || ".";
  return [...new Set([below(absolute), below(real)])];
}

/** Where a path really is, for one that need not exist. */
export async function realName(path: string): Promise<string> {
  const real = await realpath(path).catch(() => null);
  if (real !== null || dirname(path) === path) return real ?? path;
  return join(await realName(dirname(path)), basename(path));
}
