import { isPicture, type Declared } from "./web-kind.js";
import type { Fetched } from "./fetch/guarded-fetch.js";
import { collectedStart, gunzipped } from "./fetch/unpacked.js";

/**
 * What came back from an address. `bytes` is null for pictures and the like, which are not read; `isCut`: it is larger
 * than what is read of one, and `bytes` are its beginning. `refresh` and `retryAfter` are headers.
 */
export type Answer = Declared & {
  status: number;
  bytes: Buffer | null;
  size: number | null;
  isCut: boolean;
  refresh: string;
  retryAfter: string;
};

/** How much is read of what a server sends with an error. */
const mostErrorBytes = 256 * 1024;

/** Reads an answer. What is packed as a file of its own (gzip) is what it holds. Throws as the body does. */
export async function receiveAnswer(fetched: Fetched, mostBytes: number): Promise<Answer> {
  const { url, status, length, header } = fetched;
  const contentType = header("content-type");
  const told = { url, status, contentType, refresh: header("refresh"), retryAfter: header("retry-after") };
  const isError = status >= 400 || status < 200;
  if (isPicture(contentType) && (length !== null || isError))
    return { ...told, bytes: null, size: length, isCut: false };
  const body = await collectedStart(fetched.body, isError ? mostErrorBytes : mostBytes).catch((thrown: unknown) => {
    // The status says enough where the rest of an error is broken.
    if (!isError) throw thrown;
    return { bytes: Buffer.alloc(0), isCut: false };
  });
  const { isCut } = body;
  const isFile = body.bytes[0] === 0x1f && body.bytes[1] === 0x8b && !isCut;
  const bytes = (isFile ? await gunzipped(body.bytes, mostBytes) : null) ?? body.bytes;
  const size = length ?? (isCut ? null : body.bytes.length);
  return { ...told, bytes: isPicture(contentType) ? null : bytes, size, isCut };
}
