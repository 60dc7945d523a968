import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { codeOf } from "../base/system-error.js";
import type { Boundary } from "./boundary.js";
import { bytesOf } from "./change-file.js";
import { atPath, openRegular } from "./held-path.js";
import { WorkspaceError } from "./workspace-error.js";

/** Of a larger file only so many bytes at its end are looked at: as many as an append could have added, and far more. */
const mostHashedBytes = 16 * 1024 * 1024;
const chunkBytes = 1 << 20;

/** What lies at a path: its kind, of a file its length and, where it may be read, the SHA-256 of its bytes, of a large one of its last 16 MB. */
export type PathState =
  { kind: "file"; bytes: number; sha256?: string } | { kind: "folder" } | { kind: "link" } | { kind: "other" };

/** See Workspace.state. */
export async function stateOfPath(
  boundary: Boundary,
  path: string,
  added: Uint8Array = new Uint8Array(),
): Promise<PathState | null> {
  try {
    return await atPath(boundary, path, { keepLink: true, use: "read" }, async (held): Promise<PathState | null> => {
      const { stats } = held;
      if (stats === null) return null;
      if (stats.isSymbolicLink()) return { kind: "link" };
      if (!stats.isFile()) return { kind: stats.isDirectory() ? "folder" : "other" };
      const handle = await openRegular(boundary, held, constants.O_RDONLY).catch(nullIfDenied);
      if (handle === null) return { kind: "file", bytes: stats.size + added.length };
      try {
        return await stateOfFile(handle, added);
      } finally {
        await handle.close();
      }
    });
  } catch (error) {
    if (error instanceof WorkspaceError && (error.kind === "not-found" || error.kind === "not-a-folder")) return null;
    throw error;
  }
}

/** The state of a file that holds this content; a text is UTF-8. */
export function stateOfContent(content: string | Uint8Array): PathState {
  const bytes = bytesOf(content);
  const hash = createHash("sha256").update(bytes.subarray(Math.max(0, bytes.length - mostHashedBytes)));
  return { kind: "file", bytes: bytes.length, sha256: hash.digest("hex") };
}

function nullIfDenied(thrown: unknown): null {
  if (["EACCES", "EPERM"].includes(codeOf(thrown) ?? "")) return null;
  throw thrown;
}

async function stateOfFile(handle: FileHandle, added: Uint8Array): Promise<PathState> {
  const { size } = await handle.stat();
  const bytes = size + added.length;
  const hash = createHash("sha256");
  const from = Math.max(0, bytes - mostHashedBytes);
  await hashRange(handle, hash, from, size);
  hash.update(added.subarray(Math.max(0, from - size)));
  return { kind: "file", bytes, sha256: hash.digest("hex") };
}

async function hashRange(handle: FileHandle, hash: Hash, from: number, end: number): Promise<void> {
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(0, end - from)));
  for (let position = from; position < end;) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, end - position), position);
    if (bytesRead === 0) return;
    hash.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
}
