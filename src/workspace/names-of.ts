import { relative, sep } from "node:path";
import { realName } from "../base/folders/real-name.js";
import { absolutePath, checkRealPath, type Boundary } from "./boundary.js";

/** See Workspace.namesOf. Throws WorkspaceError when the path leads out. */
export async function namesOf(boundary: Boundary, path: string): Promise<string[]> {
  const absolute = absolutePath(boundary, path);
  const real = await realName(absolute);
  checkRealPath(boundary, real, path, "read");
  const below = (name: string): string => relative(boundary.root, name).split(sep).join("/") || ".";
  return [...new Set([below(absolute), below(real)])];
}
