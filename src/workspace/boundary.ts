import { isAbsolute, relative, resolve, sep } from "node:path";
import { isForbidden, leadsOut, shown, WorkspaceError } from "./workspace-error.js";

/** Where the workspace ends. All paths are absolute. */
export type Boundary = {
  /** Real path of the workspace. */
  readonly root: string;
  /** The workspace as the user named it, which may lead there through links. */
  readonly alias: string;
  /** Files and folders of our own that no command reaches, wherever they are. */
  readonly forbidden: readonly string[];
  /** The program's own code, which the next start would run unconfined. */
  readonly program: readonly string[];
  /** The same as `forbidden` for what lies directly in the workspace, by its name in lower case. */
  isForbiddenName(name: string): boolean;
  readonly temporaryDirectory: string;
  /** Whether /proc/self/fd tells where an open folder really is and leads into it. */
  readonly descriptors: boolean;
};

/** Whether `path` is `folder` or lies below it. Both are absolute and normal. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

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

/** Throws WorkspaceError when the real path is outside, or is one of our own files. */
export function checkRealPath(boundary: Boundary, real: string, asked: string): void {
  if (!isWithin(boundary.root, real)) throw leadsOut(asked, boundary.root);
  if (isOwn(boundary, real)) throw isForbidden(asked);
}

/** Some file systems do not tell upper from lower case, so neither does this. */
export function isOwn(boundary: Boundary, real: string): boolean {
  const [first] = namesBelow(boundary, real);
  if (first !== undefined && boundary.isForbiddenName(first.toLowerCase())) return true;
  return [...boundary.forbidden, ...boundary.program].some((own) => isWithin(own.toLowerCase(), real.toLowerCase()));
}
