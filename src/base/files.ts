import { randomUUID } from "node:crypto";
import { open, rename, unlink } from "node:fs/promises";

/** Replaces or creates `file` in one act, on disk before it appears; a reader finds the old content or the new. */
export async function writeFileAtomically(file: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      for await (const chunk of chunks) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw error;
  }
}
