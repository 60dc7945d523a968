import { messageOf } from "../errors.js";
import { DocumentError, optional } from "./document-error.js";
import { unpackedSize } from "./unpacked-size.js";

/** A small file may say that it unpacks to more than memory holds. */
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
    throw new DocumentError("damaged", `It is no readable Word document: ${messageOf(error)}`, { cause: error });
  }
}
