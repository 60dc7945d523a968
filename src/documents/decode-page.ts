import { detectEncoding } from "../base/encoding.js";

/** How much of a page is looked through for what it says of its own encoding. */
const searchedBytes = 4096;

/**
 * The text of a page. Its encoding is, in this order: that of the byte order mark, of the header, of the page's own meta
 * tag, UTF-8 where the bytes are valid, the best guess. A page that claims to be UTF-8 and is not is guessed too.
 */
export async function decodePage(bytes: Uint8Array, charset: string | null): Promise<string> {
  const marked = /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/.test(latin1(bytes.subarray(0, 3)));
  const declared = marked ? null : (known(charset) ?? known(metaCharset(bytes)));
  const encoding = declared === null || declared === "utf-8" ? await detectEncoding(bytes, { cut: true }) : declared;
  return new TextDecoder(encoding).decode(bytes);
}

function metaCharset(bytes: Uint8Array): string | null {
  const head = latin1(bytes.subarray(0, searchedBytes));
  const declared = /<meta[^>]{0,200}?charset\s*=\s*["']?([\w:-]{2,40})/i.exec(head)?.[1] ?? null;
  // A page in UTF-16 cannot say so in a way that could be read here.
  return declared !== null && /^utf-16/i.test(declared) ? "utf-8" : declared;
}

function known(label: string | null): string | null {
  try {
    return label === null ? null : new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
