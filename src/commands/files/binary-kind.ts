import type { Encoding } from "../../base/encoding.js";

type Magic = { kind: string; at: number; bytes: Buffer };

const magic = (kind: string, bytes: string, at = 0): Magic => ({ kind, at, bytes: Buffer.from(bytes, "latin1") });

const magics = (): readonly Magic[] => [
  magic("a PDF document", "%PDF-"),
  magic("a PNG image", "\x89PNG\r\n\x1a\n"),
  magic("a JPEG image", "\xff\xd8\xff"),
  magic("a GIF image", "GIF87a"),
  magic("a GIF image", "GIF89a"),
  magic("a WebP image", "WEBPVP8", 8),
  magic("a WAV recording", "WAVEfmt ", 8),
  magic("a ZIP archive or office document (DOCX, XLSX, ODT …)", "PK\x03\x04"),
  magic("an empty ZIP archive", "PK\x05\x06"),
  magic("a gzip archive", "\x1f\x8b"),
  magic("a bzip2 archive", "1AY&SY", 4),
  magic("an xz archive", "\xfd7zXZ\0"),
  magic("a 7z archive", "7z\xbc\xaf\x27\x1c"),
  magic("an ELF program", "\x7fELF"),
  magic("a WebAssembly program", "\0asm"),
  magic("an SQLite database", "SQLite format 3\0"),
  magic("an old office document (DOC, XLS …)", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
];

/** What a file is that holds no text, by the mark of its format or a NUL byte in the sample; null for a text. */
export function binaryKind(sample: Buffer, encoding: Encoding): string | null {
  const known = magics().find(({ at, bytes }) => sample.subarray(at, at + bytes.length).equals(bytes));
  if (known) return known.kind;
  return !encoding.startsWith("utf-16") && sample.includes(0) ? "binary data" : null;
}
