import type { Encoding } from "../../base/encoding.js";
import type { OpenFile } from "../../workspace/entries.js";

/** Lines of a file, without their ends; `total` counts all lines, and is null where the file was not read to its end. */
export type TextLines = { lines: string[]; total: number | null };

const chunkBytes = 1 << 20;

/** Up to `most` lines from line `from` (1 is the first) on, of up to `characters` characters; at least one where there is one. */
export async function readLines(
  file: OpenFile,
  encoding: Encoding,
  { from, most, characters }: { from: number; most: number; characters: number },
): Promise<TextLines> {
  const decoder = new TextDecoder(encoding);
  const lines: string[] = [];
  let [number, room, rest] = [1, characters, ""];
  const take = (line: string): boolean => {
    if (number >= from) {
      if (lines.length >= most || (room < line.length && lines.length > 0)) return false;
      lines.push(line.slice(0, characters));
      room -= line.length + 1;
    }
    number += 1;
    return true;
  };
  for (let position = 0; ;) {
    const bytes = await file.read(position, chunkBytes);
    position += bytes.length;
    const parts = (rest + decoder.decode(bytes, { stream: bytes.length > 0 })).split(/\r?\n/);
    rest = parts.pop() ?? "";
    for (const line of parts) if (!take(line)) return { lines, total: null };
    if (bytes.length > 0) continue;
    // A file that ends with a line end has no line behind it.
    if (rest !== "" && !take(rest)) return { lines, total: null };
    return { lines, total: number - 1 };
  }
}
