import { messageOf } from "../errors.js";
import { DocumentError, optional } from "./document-error.js";

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;

/**
 * How many bytes the files of a ZIP archive have, as its directory says (PKWARE's APPNOTE 4.3.12 and 4.3.16); 0 where
 * it has none. An entry that gives its size elsewhere, as those above 4 GB do, counts as 4 GB.
 */
export function unpackedSize(bytes: Uint8Array): number {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(archive);
  if (end === -1) return 0;
  let total = 0;
  let at = archive.readUInt32LE(end + 16);
  while (at + 46 <= archive.length && archive.readUInt32LE(at) === directoryEntry) {
    total += archive.readUInt32LE(at + 24);
    at += 46 + archive.readUInt16LE(at + 28) + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return total;
}

function findEnd(archive: Buffer): number {
  for (let at = archive.length - 22; at >= 0; at -= 1) {
    if (archive.readUInt32LE(at) === endOfDirectory) return at;
  }
  return -1;
}

/** The most bytes that a document may unpack to: a small file can unpack to more than memory holds. */
const mostBytes = 256 * 1024 * 1024;

/** The text of a Word document, a blank line between paragraphs. */
export async function textOfDocx(bytes: Uint8Array): Promise<string> {
  const { default: mammoth } = await optional("mammoth", () => import("mammoth"));
  if (unpackedSize(bytes) > mostBytes) {
    throw new DocumentError("too-large", `It unpacks to more than ${mostBytes / 1024 / 1024} MB.`);
  }
  try {
    return (await mammoth.extractRawText({ buffer: Buffer.from(bytes) })).value;
  } catch (error) {
    throw new DocumentError("damaged", `It is not a readable Word document: ${messageOf(error)}`, { cause: error });
  }
}
