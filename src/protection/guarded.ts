import { isAbsolute, relative, sep } from "node:path";
import { accessTo, exactly, isFixed, nothing, reasonFor, type Protection } from "./protection.js";
import type { Access } from "./rule.js";

/** A folder with what in it is protected. All paths are absolute and real. */
export type Guarded = {
  readonly root: string;
  /** Files and folders of our own, wherever they are: hidden. */
  readonly forbidden: readonly string[];
  /** The program's own code, which the next start would run unconfined: read-only. */
  readonly program: readonly string[];
  readonly protection: Protection;
};

/** Whether `path` is `folder` or lies below it. Both are absolute and normal. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** What may be done with a real path. Some file systems do not tell upper from lower case, so neither does this. */
export const accessOf = (guarded: Guarded, real: string): Access =>
  accessAt(guarded, real, pathFrom(guarded.root, real));

/** The same of a path below the folder, with "/" between its names and no link on its way. */
export const accessBelow = (guarded: Guarded, path: string): Access =>
  accessAt(guarded, `${guarded.root}${sep}${sep === "/" ? path : path.replaceAll("/", sep)}`, path);

function accessAt({ forbidden, program, protection }: Guarded, real: string, below: string): Access {
  const lower = real.toLowerCase();
  if (isWithinAny(forbidden, lower)) return "hidden";
  const named = accessTo(protection, below);
  if (named !== "open") return named;
  return isWithinAny(program, lower) ? "read-only" : "open";
}

/** Asked for every file of a workspace, so most are told by their first letters. */
const isWithinAny = (folders: readonly string[], lower: string): boolean =>
  folders.some((own) => lower.startsWith(own.toLowerCase()) && isWithin(own.toLowerCase(), lower));

/** Protects nothing. */
export const noProtection: Protection = {
  unseen: nothing,
  hidden: nothing,
  notHidden: nothing,
  readOnly: nothing,
  open: nothing,
  fixed: nothing,
};

/** The same as texts alone, with our own files, and with the places that no pattern tells. */
export function protectionOf(
  { root, forbidden, program, protection }: Guarded,
  places: readonly { path: string; access: Access }[],
): Protection {
  const inside = (paths: readonly string[]): string[] =>
    paths.filter((path) => isWithin(root, path)).map((path) => exactly(pathFrom(root, path)));
  const found = (access: Access): string[] =>
    places.filter((one) => one.access === access).map(({ path }) => exactly(path));
  return {
    ...protection,
    hidden: [protection.hidden, ...inside(forbidden), ...found("hidden")].join("|"),
    readOnly: [protection.readOnly, ...inside(program), ...found("read-only")].join("|"),
  };
}

/** Why a path that is protected is, as half a sentence. */
export function whyProtected({ root, forbidden, program, protection }: Guarded, real: string): string {
  const lower = real.toLowerCase();
  if (isWithinAny([...forbidden, ...program], lower)) return "it belongs to the program itself";
  if (isFixed(protection, pathFrom(root, real)))
    return "the goals are judged by it, so it stays as it was at the start";
  return reasonFor(pathFrom(root, real)) ?? "the user's rules (protect) say so";
}

/** A path below the workspace with "/" between names. */
export const pathFrom = (root: string, real: string): string => relative(root, real).split(sep).join("/");

/** What git takes a folder by for a repository. */
export const repositoryNames = ["HEAD", "objects", "refs"] as const;

/**
 * Whether a folder with these names in it is a repository of git for everybody who enters it, whatever the folder is
 * called: then git obeys its `config`.
 */
export function isRepository(names: Iterable<string>): boolean {
  const there = new Set([...names].map((name) => name.toLowerCase()));
  return repositoryNames.every((name) => there.has(name.toLowerCase()));
}
