import { DocumentError } from "./document-error.js";

/** Kinds of documents that are read apart, in a process of their own. */
export type DocumentFormat =
  "html" | "pdf" | "docx" | "spreadsheet" | "presentation" | "open-document" | "epub" | "mail" | "rtf";

export type DocumentKind = "text" | "csv" | "notebook" | DocumentFormat;

/** The kinds of documents besides text, as a sentence names them. */
export const readableKinds = "PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, EPUB, EML, RTF, IPYNB, HTML, CSV";

/** What a damaged archive would have been. */
const archiveEndings: Readonly<Record<string, DocumentFormat>> = {
  docx: "docx",
  docm: "docx",
  dotx: "docx",
  xlsx: "spreadsheet",
  xlsm: "spreadsheet",
  xlsb: "spreadsheet",
  ods: "spreadsheet",
  pptx: "presentation",
  pptm: "presentation",
  ppsx: "presentation",
  odt: "open-document",
  odp: "open-document",
  epub: "epub",
};

const searchedBytes = 4096;
const zipStart = "PK\x03\x04";
const oleStart = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/**
 * What a file is: by how it begins, and where that says nothing by its name. Throws DocumentError for a document of a
 * kind that cannot be read, naming it.
 */
export function kindOf(name: string, bytes: Uint8Array): DocumentKind {
  const start = Buffer.from(bytes.subarray(0, searchedBytes)).toString("latin1");
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  if (start.slice(0, 1024).includes("%PDF-")) return "pdf";
  if (start.startsWith(zipStart)) return archiveKind(bytes) ?? archiveEndings[ending] ?? "text";
  if (start.startsWith(oleStart)) return compoundKind(bytes);
  if (/^\s*\{\\rtf/.test(start)) return "rtf";
  if (ending === "eml" || ending === "mht" || ending === "mhtml") return "mail";
  if (["html", "htm", "xhtml"].includes(ending)) return "html";
  if (/^(?:\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)?<(!doctype )?html\b/i.test(start)) return "html";
  if (ending === "ipynb") return "notebook";
  return ["csv", "tsv"].includes(ending) ? "csv" : "text";
}

/** What an archive holds, by the names in its directory; null for no document. */
function archiveKind(bytes: Uint8Array): DocumentFormat | null {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = directoryOf(archive);
  const holds = (path: string): boolean => directory.includes(path, 0, "latin1");
  // The first file of some archives is their type, stored as it is.
  const start = archive.subarray(0, 200).toString("latin1");
  if (start.includes("mimetypeapplication/epub+zip")) return "epub";
  const type = /mimetypeapplication\/vnd\.oasis\.opendocument\.(\w+)/.exec(start)?.[1];
  if (type !== undefined) return type === "spreadsheet" ? "spreadsheet" : "open-document";
  if (holds("word/document")) return "docx";
  if (holds("xl/workbook")) return "spreadsheet";
  if (holds("ppt/presentation")) return "presentation";
  return holds("META-INF/container.xml") ? "epub" : null;
}

/** The directory of a ZIP archive (PKWARE's APPNOTE, 4.3.16), after which there is at most a comment. */
function directoryOf(archive: Buffer): Buffer {
  const end = archive.lastIndexOf("PK\x05\x06", undefined, "latin1");
  const at = end !== -1 && end + 20 <= archive.length ? archive.readUInt32LE(end + 16) : 0;
  return at < archive.length ? archive.subarray(at) : archive;
}

/** Files of Office before 2007 and of Outlook, by the names of their streams, which are in UTF-16 ([MS-CFB], 2.6.1). */
function compoundKind(bytes: Uint8Array): DocumentFormat {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const holds = (stream: string): boolean => file.includes(Buffer.from(stream, "utf16le"));
  if (holds("EncryptedPackage")) throw new DocumentError("protected", "It is protected by a password.");
  if (holds("__properties_version1.0"))
    throw new DocumentError("no-text", "It is a mail of Outlook (MSG), which cannot be read here: save it as EML.");
  if (holds("WordDocument"))
    throw new DocumentError(
      "no-text",
      "It is a Word document of before 2007 (DOC), which cannot be read here: save it as DOCX.",
    );
  if (holds("PowerPoint Document"))
    throw new DocumentError(
      "no-text",
      "It is a presentation of before 2007 (PPT), which cannot be read here: save it as PPTX.",
    );
  if (holds("Workbook") || holds("Book")) return "spreadsheet";
  throw new DocumentError("no-text", "It is a compound file of a kind that cannot be read here.");
}
