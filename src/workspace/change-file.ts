import { constants } from "node:fs";
import { unlink, type FileHandle } from "node:fs/promises";
import { absolutePath, type Boundary } from "./boundary.js";
import { atPath, openRegular, type HeldPath } from "./held-path.js";
import { replaceHeldFile, withScratchFile } from "./temporary-file.js";
import { isFolder, notFound, shown, WorkspaceError } from "./workspace-error.js";
import type { Change } from "./entries.js";

const chunkBytes = 1 << 20;

/** See Workspace.write. */
export async function writeFile(boundary: Boundary, path: string, content: string | Uint8Array): Promise<Change> {
  refuseFolderName(path);
  const bytes = bytesOf(content);
  return atPath(boundary, path, { create: true }, async (held) => {
    if (held.stats && (await holds(boundary, held, bytes))) return { changed: false };
    await replaceHeldFile(boundary, held, (handle) => writeAll(handle, bytes));
    return { changed: true };
  });
}

/** See Workspace.save; with `mode`, the file has these permissions. What comes is kept aside until all of it is there: it comes only once. */
export async function saveFile(
  boundary: Boundary,
  path: string,
  content: AsyncIterable<Uint8Array>,
  mode?: number,
): Promise<number> {
  refuseFolderName(path);
  absolutePath(boundary, path);
  return withScratchFile(boundary, async (scratch) => {
    let size = 0;
    for await (const chunk of content) {
      await writeAll(scratch, chunk);
      size += chunk.length;
    }
    await atPath(boundary, path, { create: true }, async (held) => {
      if (held.stats) await (await openRegular(boundary, held, constants.O_RDWR)).close();
      await replaceHeldFile(boundary, held, async (handle) => {
        await writeAfter(scratch, handle, new Uint8Array());
        if (mode !== undefined) await handle.chmod(mode);
      });
    });
    return size;
  });
}

/** See Workspace.delete. */
export async function deleteFile(boundary: Boundary, path: string): Promise<void> {
  refuseFolderName(path);
  // A link that leads out is refused like any other use of it.
  await atPath(boundary, path, {}, async () => {});
  await atPath(boundary, path, { keepLink: true }, async ({ folder, name, stats }) => {
    if (stats === null) throw notFound(path);
    if (stats.isDirectory()) throw isFolder(path);
    await folder.recheck();
    await unlink(folder.at(name));
  });
}

/** The bytes of a content; a string is UTF-8. */
export const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? Buffer.from(content, "utf8") : content;

/** Throws WorkspaceError for a path that ends like a folder's. */
export function refuseFolderName(path: string): void {
  if (!/[^.]\/$/.test(path)) return;
  throw new WorkspaceError("not-a-file", `${shown(path)} names a folder. Name a file, without "/" at the end.`);
}

/** Opened for writing too, so that a file that is protected from writing is not replaced. */
async function holds(boundary: Boundary, held: HeldPath, bytes: Uint8Array): Promise<boolean> {
  const handle = await openRegular(boundary, held, constants.O_RDWR);
  try {
    const { size } = await handle.stat();
    return size === bytes.length && Buffer.compare(await handle.readFile(), bytes) === 0;
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += (await handle.write(bytes, written)).bytesWritten;
  }
}

/** Writes what `existing` holds, and then the bytes. */
export async function writeAfter(existing: FileHandle, handle: FileHandle, bytes: Uint8Array): Promise<void> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  for (let position = 0; ;) {
    const { bytesRead } = await existing.read(chunk, 0, chunkBytes, position);
    if (bytesRead === 0) break;
    await writeAll(handle, chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
  await writeAll(handle, bytes);
}
