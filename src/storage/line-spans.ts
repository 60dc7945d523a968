import type { FileHandle } from "node:fs/promises";

const chunkBytes = 4 << 20;
const newline = 0x0a;

/** Where one line lies: in `bytes` from `start` to before `end`, its newline not counted. */
export type VisitSpan = (bytes: Buffer, start: number, end: number) => void;

/**
 * Shows every whole line from byte `from` on, in order and without decoding it. Reads each byte once, but for those of a
 * line that reaches from one chunk into the next. `bytes` is used again after `visit`.
 */
export async function visitLineSpans(handle: FileHandle, from: number, visit: VisitSpan): Promise<void> {
  const { size } = await handle.stat();
  let chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(0, size - from)));
  for (let offset = from; offset < size;) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, size - offset), offset);
    let start = 0;
    for (let end = lineEnd(chunk, start, bytesRead); end !== -1; end = lineEnd(chunk, start, bytesRead)) {
      visit(chunk, start, end);
      start = end + 1;
    }
    if (bytesRead === 0 || offset + bytesRead >= size) return;
    offset += start;
    if (start === 0) chunk = Buffer.allocUnsafe(chunk.length * 2);
  }
}

function lineEnd(chunk: Buffer, start: number, length: number): number {
  const at = start < length ? chunk.indexOf(newline, start) : -1;
  return at < length ? at : -1;
}
