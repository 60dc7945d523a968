import { isText } from "../base/encoding.js";
import { kindOf, type DocumentFormat } from "../documents/document-kind.js";

/** How a document from the web is read. */
export type WebKind = "page" | "text" | "notebook" | Exclude<DocumentFormat, "html">;

/** What an answer says of itself. */
export type Declared = { url: URL; contentType: string };

/** Of what holds no text by its kind, nothing is even asked for. */
const pictures = /^(?:image\/(?!svg)|audio\/|video\/|font\/|model\/)/;
const pages = new Set(["text/html", "application/xhtml+xml", "html", "text/x-server-parsed-html"]);
/** Types that say nothing: they are given to whatever a server does not know. */
const unsaid =
  /^(?:|[^/]*|\*\/\*|(?:application|binary)\/(?:octet-stream|(?:x-)?download|force-download|unknown)|(?:unknown|content)\/unknown)$/;
/** The endings of kinds that nothing in the bytes tells. */
const endings: Readonly<Record<string, string>> = {
  "message/rfc822": "eml",
  "multipart/related": "mhtml",
  "application/x-ipynb+json": "ipynb",
  "application/x-mimearchive": "mhtml",
};

/** Whether an answer of this type holds no text, whatever its bytes are. */
export const isPicture = (contentType: string): boolean => pictures.test(mediaType(contentType));

/**
 * How a document is read: by its bytes where they tell what it is, such as a PDF's, and then by what is said of it; null
 * where there is no text in it. Throws DocumentError for a kind of document that is known and cannot be read.
 */
export function webKind({ url, contentType }: Declared, bytes: Uint8Array): WebKind | null {
  const type = mediaType(contentType);
  const name = (url.pathname.split("/").at(-1) ?? "").replace(/\.gz$/i, "");
  const format = kindOf(type in endings ? `${name}.${endings[type]}` : name, bytes);
  // A mail and a notebook are told by their names alone, which is no proof against a page's type.
  const isNamed = format === "mail" || format === "notebook";
  if (format !== "html" && format !== "csv" && format !== "text" && !(isNamed && pages.has(type))) return format;
  if (!isText(bytes, { said: [charsetOf(contentType)], cut: true })) return null;
  if (pages.has(type)) return hasTags(bytes) ? "page" : "text";
  if (unsaid.test(type) || /[/+]xml$/.test(type)) return isPage(bytes) ? "page" : "text";
  return "text";
}

const startOf = (bytes: Uint8Array, length: number): string =>
  // UTF-16 is ASCII with zero bytes between.
  Buffer.from(bytes.subarray(0, length))
    .toString("latin1")
    .replaceAll("\0", "")
    .replace(/^(?:ï»¿|ÿþ|þÿ)/, "");

/** What calls itself a page may be a table or a program's answer all the same: those have no tags, and need their lines. */
const hasTags = (bytes: Uint8Array): boolean => /<(?:[a-z!?/])/i.test(startOf(bytes, 1 << 20));

/** Whether bytes begin as pages do. */
const isPage = (bytes: Uint8Array): boolean =>
  /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^]*?-->\s*)*<(?:!doctype html|html|head|body|title|meta)\b/i.test(
    startOf(bytes, 4096),
  );

export const mediaType = (contentType: string): string => (contentType.split(";")[0] ?? "").trim().toLowerCase();

export const charsetOf = (contentType: string): string | null =>
  /charset\s*=\s*["']?([\w:.-]+)/i.exec(contentType)?.[1] ?? null;
