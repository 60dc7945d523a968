import { strToU8, unzipSync, zipSync } from "fflate";
import { decodeText } from "../../base/encoding.js";
import { messageOf } from "../../errors.js";
import { DocumentError } from "../document-error.js";

/** The most bytes that a document may unpack to: a small file can unpack to more than memory holds. */
const mostBytes = 256 * 1024 * 1024;

/** The files of a ZIP archive by their paths. */
export type Archive = Map<string, Uint8Array>;

/**
 * Unpacks the files of a ZIP archive that `wanted` picks by their paths. No file gets more bytes than the archive's
 * directory says, and together they get at most 256 MB. Throws DocumentError ("too-large", "damaged").
 */
export function unpack(bytes: Uint8Array, wanted: (path: string) => boolean): Archive {
  let total = 0;
  const filter = ({ name, originalSize }: { name: string; originalSize: number }): boolean => {
    if (!wanted(name)) return false;
    total += originalSize;
    if (total > mostBytes)
      throw new DocumentError("too-large", `It unpacks to more than ${mostBytes / 1024 / 1024} MB.`);
    return true;
  };
  try {
    return new Map(Object.entries(unzipSync(bytes, { filter })));
  } catch (thrown) {
    if (thrown instanceof DocumentError) throw thrown;
    throw new DocumentError("damaged", `It is a damaged ZIP archive: ${messageOf(thrown)}.`, { cause: thrown });
  }
}

/** The archive as a file again, nothing compressed: for a library that unpacks it once more. */
export const pack = (archive: Archive): Buffer => Buffer.from(zipSync(Object.fromEntries(archive), { level: 0 }));

/** The text of a file of the archive; "" where there is none. */
export function textFile(archive: Archive, path: string): string {
  const bytes = archive.get(path);
  return bytes === undefined ? "" : decodeText(bytes).text;
}

/** Puts a text into the archive. */
export const setTextFile = (archive: Archive, path: string, text: string): void =>
  void archive.set(path, strToU8(text));

/** The paths that fit, in the order of the numbers in them: slide2 before slide10. */
export const pathsOf = (archive: Archive, pattern: RegExp): string[] =>
  [...archive.keys()]
    .filter((path) => pattern.test(path))
    .sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
