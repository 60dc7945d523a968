import { createHash } from "node:crypto";
import { join } from "node:path";
import { isAscii } from "../base/text.js";

const longestName = 40;

/** The folder of one AI's memory. Names that differ in any character have different folders. */
export const memoryFolder = (directory: string, index: string, aiName: string): string =>
  join(directory, indexName(index), `${safeName(aiName)}-${shortHash(aiName)}`);

/** The name of an index, where it is safe as a folder's name; else one made of it. */
const indexName = (index: string): string =>
  /^[a-z0-9][a-z0-9_-]{0,39}$/.test(index) ? index : `${safeName(index)}-${shortHash(index)}`;

function safeName(name: string): string {
  // An expression for all letters takes V8 long to make.
  const safe = name.normalize("NFC").replace(isAscii(name) ? /[^a-z0-9_-]+/gi : /[^\p{L}\p{N}_-]+/gu, "-");
  return [...safe].slice(0, longestName).join("");
}

const shortHash = (name: string): string =>
  createHash("sha256").update(name.normalize("NFC")).digest("hex").slice(0, 10);
