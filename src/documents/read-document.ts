import { decodeText, isText } from "../base/encoding.js";
import { DocumentError } from "./document-error.js";
import { kindOf, readableKinds, type DocumentFormat, type DocumentKind } from "./document-kind.js";
import { readApart, type ReaderOptions } from "./read-apart.js";

export type ReadDocumentOptions = ReaderOptions & { signal: AbortSignal };

/** The longest that one document may take to be read. */
const longestMs = 5 * 60_000;

/**
 * The text of a file, for reading and for searching. What takes a parser of some size is read in a process of its own,
 * with bounded memory and time. Throws DocumentError where there is no text to be had, or the reason of `signal`.
 */
export async function readDocument(name: string, bytes: Uint8Array, options: ReadDocumentOptions): Promise<string> {
  const text = await textOf(kindOf(name, bytes), bytes, options);
  if (text.trim() === "") throw new DocumentError("no-text", "It holds no text.");
  return text;
}

async function textOf(kind: DocumentKind, bytes: Uint8Array, options: ReadDocumentOptions): Promise<string> {
  switch (kind) {
    case "csv":
      return (await import("./csv.js")).textOfCsv(decodeText(bytes).text);
    case "notebook":
      return (await import("./formats/notebook.js")).textOfNotebook(decodeText(bytes).text);
    case "text":
      return plainText(bytes);
    default:
      return readInTime(kind, bytes, options);
  }
}

async function readInTime(
  kind: DocumentFormat,
  bytes: Uint8Array,
  { signal, ...reader }: ReadDocumentOptions,
): Promise<string> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), longestMs);
  try {
    return (await readApart({ kind, bytes }, reader, AbortSignal.any([signal, late.signal]))).text;
  } catch (thrown) {
    signal.throwIfAborted();
    if (!late.signal.aborted) throw thrown;
    throw new DocumentError("too-slow", `It took longer than ${longestMs / 60_000} minutes to read.`, {
      cause: thrown,
    });
  } finally {
    clearTimeout(timer);
  }
}

function plainText(bytes: Uint8Array): string {
  if (isText(bytes)) return decodeText(bytes).text;
  throw new DocumentError("no-text", `It is not text, nor a kind of document that can be read (${readableKinds}).`);
}
