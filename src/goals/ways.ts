import { lstat, readlink } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Workspace } from "../workspace/workspace.js";

/**
 * What lies on the way to a path of the workspace, and there: of each name whether it is a link and where it leads, and which
 * file or folder it is. Two are the same where nothing on the way was replaced in between.
 */
export async function wayTo(workspace: Workspace, path: string): Promise<string> {
  const names = posix.normalize(path).split("/");
  const steps: string[] = [];
  for (let at = 1; at <= names.length; at += 1) {
    const place = join(workspace.root, ...names.slice(0, at));
    const facts = await lstat(place, { bigint: true }).catch(() => null);
    if (facts === null) {
      steps.push("-");
      break;
    }
    if (facts.isSymbolicLink()) steps.push(`link ${await readlink(place).catch(() => "")}`);
    else steps.push(`${facts.dev}:${facts.ino}${at === names.length ? `:${facts.size}:${facts.mtimeNs}` : ""}`);
  }
  return steps.join("/");
}

/** The ways to several paths, by path. */
export async function waysTo(workspace: Workspace, paths: Iterable<string>): Promise<ReadonlyMap<string, string>> {
  const ways = new Map<string, string>();
  for (const path of paths) if (!ways.has(path)) ways.set(path, await wayTo(workspace, path));
  return ways;
}
