import { constants } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { walkFolder } from "../base/folders/walk-folder.js";
import { accessOf, isWithin, pathFrom, whyProtected } from "../protection/guarded.js";
import { findPlaces } from "../protection/places.js";
import { absolutePath, namesBelow, type Boundary } from "./boundary.js";
import { saveFile } from "./change-file.js";
import { openFolder } from "./folder.js";
import { atPath, openRegular, type HeldPath } from "./held-path.js";
import { isProtected, notFound, shown, workspaceErrorFrom, WorkspaceError } from "./workspace-error.js";

/** See Workspace.move. */
export async function moveFile(boundary: Boundary, from: string, to: string): Promise<void> {
  // A link that leads out is refused like any other use of it.
  await atPath(boundary, from, {}, async () => {});
  await atPath(boundary, from, { keepLink: true }, async (held) => {
    if (held.stats === null) throw notFound(from);
    if (held.stats.isDirectory()) await refuseFolder(boundary, held, absolutePath(boundary, to), to);
    await atPath(boundary, to, { create: true, keepLink: true }, async (target) => {
      if (target.stats !== null) throw isThere(to);
      await held.folder.recheck();
      await target.folder.recheck();
      await rename(held.folder.at(held.name), target.folder.at(target.name));
    });
  });
}

/** With a folder everything in it is moved: nothing protected may be in it, or become it in the new place. */
async function refuseFolder(boundary: Boundary, { folder, name, asked }: HeldPath, to: string, toAsked: string) {
  const from = join(folder.real, name);
  if (isWithin(from, to))
    throw new WorkspaceError("bad-name", `${shown(asked)} cannot be moved into itself. Name another place.`);
  const own = pathFrom(boundary.root, from);
  const places = await findPlaces(boundary);
  const inside = places?.find(({ path }) => path === own || path.startsWith(`${own}/`));
  if (places === null || inside !== undefined)
    throw isProtected(asked, `${inside?.path ?? "more than can be looked at"} is in it, and has to stay where it is`);
  let refused: string | undefined;
  // Links and empty folders, too: what is put there later would lie behind a protected name.
  const { complete } = await walkFolder(from, async ({ path, entries }) => {
    refused = entries.map(({ name }) => join(to, path, name)).find((moved) => accessOf(boundary, moved) !== "open");
    return refused === undefined ? undefined : "stop";
  });
  if (refused !== undefined) throw isProtected(toAsked, whyProtected(boundary, refused));
  if (!complete) throw new WorkspaceError("failed", `${shown(asked)} was changed while it was looked at. Try again.`);
}

const isThere = (asked: string): WorkspaceError =>
  new WorkspaceError("bad-name", `${shown(asked)} is there already. Delete it first, or name another place.`);

/** See Workspace.copy. */
export async function copyFile(boundary: Boundary, from: string, to: string): Promise<number> {
  const source = await atPath(boundary, from, { use: "read" }, (held) =>
    openRegular(boundary, held, constants.O_RDONLY),
  );
  try {
    await atPath(boundary, to, { use: "change" }, async ({ stats }) => {
      if (stats !== null) throw isThere(to);
    }).catch((error: unknown) => {
      if (!(error instanceof WorkspaceError) || error.kind !== "not-found") throw error;
    });
    // A copy of what can be run can be run.
    const { mode } = await source.stat();
    return await saveFile(boundary, to, source.createReadStream({ autoClose: false }), mode & 0o777);
  } catch (error) {
    throw workspaceErrorFrom(error, to);
  } finally {
    await source.close();
  }
}

/** See Workspace.makeFolder. */
export async function makeFolder(boundary: Boundary, path: string): Promise<void> {
  const names = namesBelow(boundary, absolutePath(boundary, path));
  try {
    const folder = await openFolder(boundary, names, path, { create: true, use: "change" });
    await folder.close();
  } catch (error) {
    throw workspaceErrorFrom(error, path);
  }
}
