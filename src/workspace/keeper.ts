import { constants, type Stats } from "node:fs";
import { chmod, mkdir, readlink, rmdir, symlink, unlink } from "node:fs/promises";
import { codeOf } from "../base/system-error.js";
import { accessBelow } from "../protection/guarded.js";
import type { Boundary } from "./boundary.js";
import { atPath, openRegular, type HeldPath } from "./held-path.js";
import { replaceHeldFile } from "./temporary-file.js";
import { WorkspaceError } from "./workspace-error.js";

/** What is found at a path, links not followed; `bytes` are those of a file, null where they are more than was asked for or may not be read. Special are
 * pipes, sockets and devices. */
export type Found =
  | { kind: "file"; mode: number; size: number; bytes: Buffer | null }
  | { kind: "folder"; mode: number }
  | { kind: "link"; target: string }
  | { kind: "special" };

/** What is to lie at a path. */
export type Wanted =
  | { kind: "file"; mode: number; bytes: Uint8Array }
  | { kind: "folder"; mode: number }
  | { kind: "link"; target: string };

/** Looks at paths of the workspace and puts back what was there; as careful about its borders as the commands are. */
export interface Keeper {
  /** Null where nothing is, or where nothing of the workspace can be: our own files, ways that lead out. */
  look(path: string, mostBytes: number): Promise<Found | null>;
  /** Whether commands can reach what lies at this path; what belongs to the program itself they cannot. */
  reaches(path: string): boolean;
  /** Makes the path what is wanted; with `protectedToo`, where commands may only read as well. Throws WorkspaceError, also for a folder that is not empty and would have to go. */
  put(path: string, wanted: Wanted | null, protectedToo?: boolean): Promise<void>;
}

export const createKeeper = (boundary: Boundary): Keeper => ({
  look: (path, mostBytes) => look(boundary, path, mostBytes).catch(nullWhereNothingIs),
  reaches: (path) => accessBelow(boundary, path) !== "hidden",
  put: (path, wanted, protectedToo = false) =>
    atPath(
      boundary,
      path,
      { keepLink: true, create: wanted !== null, use: protectedToo ? "restore" : "change" },
      async (held) => {
        if (held.stats !== null && kindOf(held.stats) !== wanted?.kind) await remove(held);
        if (wanted !== null) await make(boundary, held, wanted);
      },
    ).catch((thrown: unknown) => {
      // What is to be gone, and lies in a folder that is gone.
      if (wanted !== null || !(thrown instanceof WorkspaceError && thrown.kind === "not-found")) throw thrown;
    }),
});

const look = (boundary: Boundary, path: string, mostBytes: number): Promise<Found | null> =>
  atPath(boundary, path, { keepLink: true, use: "read" }, async (held): Promise<Found | null> => {
    const { stats, folder, name } = held;
    if (stats === null) return null;
    const mode = stats.mode & 0o7777;
    if (stats.isSymbolicLink()) return { kind: "link", target: await readlink(folder.at(name)) };
    if (stats.isDirectory()) return { kind: "folder", mode };
    if (!stats.isFile()) return { kind: "special" };
    if (stats.size > mostBytes) return { kind: "file", mode, size: stats.size, bytes: null };
    const handle = await openRegular(boundary, held, constants.O_RDONLY).catch(nullWhereDenied);
    if (handle === null) return { kind: "file", mode, size: stats.size, bytes: null };
    try {
      const bytes = await handle.readFile();
      return { kind: "file", mode, size: bytes.length, bytes };
    } finally {
      await handle.close();
    }
  });

function nullWhereNothingIs(thrown: unknown): null {
  if (thrown instanceof WorkspaceError && ["not-found", "not-a-folder", "leads-out", "forbidden"].includes(thrown.kind))
    return null;
  throw thrown;
}

function nullWhereDenied(thrown: unknown): null {
  if (
    ["EACCES", "EPERM"].includes(codeOf(thrown) ?? "") ||
    (thrown instanceof WorkspaceError && thrown.kind === "denied")
  )
    return null;
  throw thrown;
}

const kindOf = (stats: Stats): string =>
  stats.isSymbolicLink() ? "link" : stats.isDirectory() ? "folder" : stats.isFile() ? "file" : "other";

async function remove({ folder, name, stats }: HeldPath): Promise<void> {
  await folder.recheck();
  if (stats?.isDirectory()) await rmdir(folder.at(name));
  else await unlink(folder.at(name));
}

async function make(boundary: Boundary, held: HeldPath, wanted: Wanted): Promise<void> {
  const at = held.folder.at(held.name);
  switch (wanted.kind) {
    case "file":
      await replaceHeldFile(boundary, keepsNothing(held), async (handle) => {
        await handle.writeFile(wanted.bytes);
        await handle.chmod(wanted.mode);
      });
      return;
    case "folder":
      await mkdir(at).catch((thrown: unknown) => {
        if (codeOf(thrown) !== "EEXIST") throw thrown;
      });
      await held.folder.recheck();
      await chmod(at, wanted.mode);
      return;
    case "link":
      if (held.stats?.isSymbolicLink()) await unlink(at);
      await symlink(wanted.target, at);
  }
}

/** The permissions of what is there now are not to be kept. */
const keepsNothing = (held: HeldPath): HeldPath => ({ ...held, stats: null });
