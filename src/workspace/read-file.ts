import { constants } from "node:fs";
import { readRange } from "../base/files.js";
import { absolutePath, namesBelow, type Boundary } from "./boundary.js";
import type { OpenFile, WorkspaceEntry } from "./entries.js";
import { atPath, openRegular } from "./held-path.js";
import { shown, WorkspaceError } from "./workspace-error.js";

/** See Workspace.stat. */
export async function statEntry(boundary: Boundary, path: string): Promise<WorkspaceEntry | null> {
  const shortPath = pathBelow(boundary, path);
  if (shortPath === ".") return { path: ".", kind: "folder", size: 0 };
  try {
    return await atPath(boundary, path, { use: "read" }, async ({ stats }) => {
      if (stats === null) return null;
      if (stats.isDirectory()) return { path: shortPath, kind: "folder", size: 0 };
      return { path: shortPath, kind: stats.isFile() ? "file" : "other", size: stats.size };
    });
  } catch (error) {
    if (error instanceof WorkspaceError && (error.kind === "not-found" || error.kind === "not-a-folder")) return null;
    throw error;
  }
}

/** See Workspace.open. */
export function openFile(boundary: Boundary, path: string): Promise<OpenFile> {
  return atPath(boundary, path, { use: "read" }, async (held) => {
    const handle = await openRegular(boundary, held, constants.O_RDONLY);
    const { size } = await handle.stat();
    return {
      path: pathBelow(boundary, path),
      size,
      read: (position, length) => readRange(handle, position, length),
      close: () => handle.close(),
    };
  });
}

/** See Workspace.read. */
export async function readFile(boundary: Boundary, path: string, atMost: number): Promise<Buffer> {
  const file = await openFile(boundary, path);
  try {
    if (file.size > atMost) {
      throw new WorkspaceError(
        "too-large",
        `${shown(path)} has ${file.size} bytes; at most ${atMost} are read at once here. Split it into smaller files.`,
      );
    }
    return await file.read(0, file.size);
  } finally {
    await file.close();
  }
}

const pathBelow = (boundary: Boundary, path: string): string =>
  namesBelow(boundary, absolutePath(boundary, path)).join("/") || ".";
