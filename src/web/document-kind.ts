import type { ReadOrder } from "../documents/document.js";

/** How a document from the web is read. */
export type WebKind = Extract<ReadOrder["kind"], "page" | "pdf" | "text">;

const text = /^(?:text\/|application\/(?:json|xml|javascript|x-ndjson|yaml|x-yaml|toml|sql|rtf)|[^;]*\+(?:json|xml))/;

/** What a Content-Type says: how a document is read; null where there is no text in it; undefined where it says nothing. */
export function declaredKind(contentType: string): WebKind | null | undefined {
  const type = mediaType(contentType);
  if (type === "" || type === "application/octet-stream" || type === "binary/octet-stream") return undefined;
  if (type === "text/html" || type === "application/xhtml+xml") return "page";
  if (type === "application/pdf" || type === "application/x-pdf") return "pdf";
  return text.test(type) ? "text" : null;
}

/** How bytes without a usable Content-Type are read, by what they begin with. */
export function sniffedKind(bytes: Uint8Array): WebKind | null {
  const start = Buffer.from(bytes.subarray(0, 1024));
  if (start.subarray(0, 5).toString("latin1") === "%PDF-") return "pdf";
  if (start.includes(0) && !/^(?:\xff\xfe|\xfe\xff)/.test(start.toString("latin1"))) return null;
  return /^\s*(?:<!doctype html|<html|<head|<body|<!--)/i.test(start.toString("latin1")) ? "page" : "text";
}

export const mediaType = (contentType: string): string => (contentType.split(";")[0] ?? "").trim().toLowerCase();

export const charsetOf = (contentType: string): string | null =>
  /charset\s*=\s*["']?([\w:.-]+)/i.exec(contentType)?.[1] ?? null;
