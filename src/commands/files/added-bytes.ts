import { detectEncoding } from "../../base/encoding.js";
import { escapeLine } from "../../base/escape.js";
import type { Workspace } from "../../workspace/workspace.js";
import { binaryKind } from "./binary-kind.js";

/** How much of a file is looked at to tell whether it is in UTF-16, and in which encoding beyond ASCII. */
const wideSample = 64 * 1024;
const sampleBytes = 4 * 1024 * 1024;

/**
 * A text as it is added to the end of a file, so that both can be read as one: in UTF-8, or in UTF-16 where the file is. Throws an
 * Error for the model where the file is in another encoding and the text beyond ASCII.
 */
export async function addedBytes(workspace: Workspace, path: string, text: string): Promise<Uint8Array> {
  const bytes = Buffer.from(text, "utf8");
  if ((await workspace.stat(path))?.kind !== "file") return bytes;
  const file = await workspace.open(path);
  try {
    const isPlain = bytes.length === text.length;
    const sample = await file.read(0, Math.min(file.size, isPlain ? wideSample : sampleBytes));
    const encoding = detectEncoding(sample, { cut: file.size > sample.length });
    if (encoding === "utf-16le") return Buffer.from(text, "utf16le");
    if (encoding === "utf-16be") return Buffer.from(text, "utf16le").swap16();
    if (isPlain || encoding === "utf-8" || binaryKind(sample, encoding) !== null) return bytes;
    throw new Error(
      `${escapeLine(path)} is in ${encoding}, and this text in UTF-8: both together could not be read. ` +
        "Nothing was changed. Add it in plain ASCII, or write all of it anew by write_to_file, in UTF-8.",
    );
  } finally {
    await file.close();
  }
}
