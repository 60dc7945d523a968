import { relative, resolve, sep } from "node:path";
import { accessOf, isWithin, whyProtected, type Guarded } from "../protection/guarded.js";
import { isForbidden, isProtected, leadsOut, shown, WorkspaceError } from "./workspace-error.js";

/** Where the workspace ends, and what in it is out of reach. All paths are absolute. */
export type Boundary = Guarded & {
  /** The workspace as the user named it, which may lead there through links. */
  readonly alias: string;
  readonly temporaryDirectory: string;
  /** Whether /proc/self/fd tells where an open folder really is and leads into it. */
  readonly descriptors: boolean;
};

/**
 * The real absolute path that `asked` names, by its text alone: links are not looked at here. Throws WorkspaceError
 * when it leads out or cannot be a name.
 */
export function absolutePath(boundary: Boundary, asked: string): string {
  if (asked.includes("\0")) {
    throw new WorkspaceError("bad-name", `The path ${shown(asked)} contains a NUL byte. Use a name without it.`);
  }
  // On Windows a colon behind the drive names another stream of a file, or a device.
  if (sep === "\\" && /[:]/.test(asked.replace(/^[a-z]:[\\/]/i, ""))) {
    throw new WorkspaceError("bad-name", `The path ${shown(asked)} contains a colon. Use a name without it.`);
  }
  const absolute = resolve(boundary.root, asked);
  if (isWithin(boundary.root, absolute)) return absolute;
  if (isWithin(boundary.alias, absolute)) return resolve(boundary.root, relative(boundary.alias, absolute));
  throw leadsOut(asked, boundary.root);
}

/** The names between the workspace and `absolute`; empty for the workspace itself. */
export const namesBelow = (boundary: Boundary, absolute: string): string[] =>
  relative(boundary.root, absolute)
    .split(sep)
    .filter((name) => name !== "");

/** What is to be done at a path; what can only be read is restored for the user all the same. */
export type Use = "read" | "change" | "restore";

/** Throws WorkspaceError when the real path is outside, or is protected from this use. */
export function checkRealPath(boundary: Boundary, real: string, asked: string, use: Use): void {
  if (!isWithin(boundary.root, real)) throw leadsOut(asked, boundary.root);
  const access = accessOf(boundary, real);
  if (access === "hidden") throw isForbidden(asked, whyProtected(boundary, real));
  if (access === "read-only" && use === "change") throw isProtected(asked, whyProtected(boundary, real));
}
