import type { BigIntStats, Dirent } from "node:fs";
import { lstat, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { walkFolder, type Visited } from "../base/folders/walk-folder.js";
import { accessBelow, isRepository, type Guarded } from "./guarded.js";
import type { Access } from "./rule.js";

/** Something protected that is there, with all that lies below it. */
export type Place = {
  /** From the workspace on, "/" between names. */
  path: string;
  access: Exclude<Access, "open">;
  kind: "file" | "folder" | "link";
  /** The same as long as it is the same file or folder, whatever it is called. */
  id: string;
  /** Where a link leads. */
  target: string | null;
};

/** How many files and folders are looked at; beyond that nobody can tell what is protected. */
const mostEntries = 2_000_000;
/** Packages of others: tools run none of what lies in them by itself. */
const packages = "node_modules";

/** All that is protected in a folder; null where there is too much to look at, or a part was moved meanwhile. */
export async function findPlaces(guarded: Guarded): Promise<Place[] | null> {
  const places: Place[] = [];
  let seen = 0;
  const { complete } = await walkFolder(guarded.root, async (visited) => {
    const { path, entries } = visited;
    seen += entries.length;
    if (seen > mostEntries) return "stop";
    if (path !== "" && isRepository(entries.map(({ name }) => name))) {
      const facts = await stat(visited.at, { bigint: true });
      places.push({ path, access: "read-only", kind: "folder", id: idOf(facts), target: null });
      return new Set(entries.map(({ name }) => name));
    }
    const found = entries.filter(({ name }) => accessBelow(guarded, below(path, name)) !== "open");
    for (const entry of found) places.push(...(await placeOf(guarded, visited, entry)));
    return new Set([packages, ...found.map(({ name }) => name)]);
  });
  return complete ? places : null;
}

const below = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);

/** Where in a folder these files and folders lie now, whatever they are called. */
export async function whereabouts(root: string, ids: ReadonlySet<string>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  await walkFolder(root, async ({ path, at, entries }) => {
    for (const { name } of entries) {
      const facts = await lstat(join(at, name), { bigint: true }).catch(() => null);
      if (facts !== null && ids.has(idOf(facts))) found.set(idOf(facts), below(path, name));
    }
    return found.size === ids.size ? "stop" : undefined;
  });
  return found;
}

/** A number may be given to another file when its own is gone, so the time of its birth counts as well. */
const idOf = ({ dev, ino, birthtimeNs }: BigIntStats): string => `${dev}:${ino}:${birthtimeNs}`;

/** Nothing where it is gone already. */
async function placeOf(guarded: Guarded, { path, at }: Visited, { name }: Dirent): Promise<Place[]> {
  const facts = await lstat(join(at, name), { bigint: true }).catch(() => null);
  if (facts === null) return [];
  const access = accessBelow(guarded, below(path, name));
  if (access === "open") return [];
  const isLink = facts.isSymbolicLink();
  return [
    {
      path: below(path, name),
      access,
      kind: isLink ? "link" : facts.isDirectory() ? "folder" : "file",
      id: idOf(facts),
      target: isLink ? await readlink(join(at, name)).catch(() => null) : null,
    },
  ];
}
