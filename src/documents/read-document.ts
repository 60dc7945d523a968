import { decodeText } from "../base/encoding.js";
import { DocumentError } from "./document-error.js";

export type DocumentKind = "text" | "html" | "csv" | "pdf" | "docx";

/** The text of a file, for reading and for searching. Throws DocumentError where there is none to be had. */
export async function readDocument(name: string, bytes: Uint8Array): Promise<string> {
  const text = await textOf(kindOf(name, bytes), bytes);
  if (text.trim() === "") throw new DocumentError("no-text", "It holds no text.");
  return text;
}

async function textOf(kind: DocumentKind, bytes: Uint8Array): Promise<string> {
  switch (kind) {
    case "pdf":
      return (await import("./pdf.js")).textOfPdf(bytes);
    case "docx":
      return (await import("./docx.js")).textOfDocx(bytes);
    case "html":
      return (await import("./html.js")).textOfHtml((await decodeText(bytes)).text);
    case "csv":
      return (await import("./csv.js")).textOfCsv((await decodeText(bytes)).text);
    case "text":
      return plainText(bytes);
  }
}

/** What a file is: by how it begins, and where that says nothing by its name. */
export function kindOf(name: string, bytes: Uint8Array): DocumentKind {
  const start = Buffer.from(bytes.subarray(0, 1024)).toString("latin1");
  if (start.includes("%PDF-")) return "pdf";
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  if (start.startsWith("PK\x03\x04") && ["docx", "docm", "dotx"].includes(ending)) return "docx";
  if (["html", "htm", "xhtml"].includes(ending) || /^\s*(<\?xml[^>]*>\s*)?<(!doctype )?html\b/i.test(start))
    return "html";
  return ["csv", "tsv"].includes(ending) ? "csv" : "text";
}

/** How much of a file is looked at to tell whether it is text. */
const searchedBytes = 8192;
/** Text holds hardly any control characters besides white space and escapes. */
const mostControls = 1 / 50;

async function plainText(bytes: Uint8Array): Promise<string> {
  const { text, encoding } = await decodeText(bytes);
  if (!encoding.startsWith("utf-16") && !looksLikeText(bytes.subarray(0, searchedBytes))) {
    throw new DocumentError("no-text", "It is no text, and of no kind that can be read (PDF, DOCX, HTML, CSV).");
  }
  return text;
}

function looksLikeText(bytes: Uint8Array): boolean {
  const controls = bytes.filter((byte) => byte < 32 && !(byte >= 8 && byte <= 13) && byte !== 27);
  return !controls.includes(0) && controls.length <= bytes.length * mostControls;
}
