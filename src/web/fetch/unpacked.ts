import { Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import { WebError } from "../web-error.js";

const gzip = ["gzip", "x-gzip"];
const known = new Set([...gzip, "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz"]);

/**
 * The bytes of an answer, decompressed as its Content-Encoding says. A name of no coding there says nothing, and bytes
 * that are not packed are taken as they are, whatever is said. Throws WebError as soon as more than `most` bytes have come
 * over the network or out of the decompression; no more is read then.
 */
export function unpacked(body: Readable, encoding: string, most: number): AsyncIterable<Uint8Array> {
  const codings = encoding
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => known.has(coding));
  const [coding] = codings;
  if (coding === undefined) return limited(body, most);
  if (codings.length > 1 || !(gzip.includes(coding) || coding === "deflate" || coding === "br")) {
    throw new WebError(
      "unreadable",
      `the answer is packed as ${JSON.stringify(encoding.slice(0, 60))}, which is not understood.`,
    );
  }
  return limited(unpackedAs(coding, limited(body, most)), most);
}

async function* unpackedAs(coding: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  let isAll = false;
  while (head.length < 2 && !isAll) {
    const next = await chunks.next();
    if (next.done === true) isAll = true;
    else head = Buffer.concat([head, next.value]);
  }
  const whole = Readable.from(joined(head, chunks));
  const unpack = unpackerFor(coding, head);
  yield* unpack === null ? whole : chained(whole, unpack);
}

async function* joined(head: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** By how the bytes begin; null where they are not packed, though the server says so. */
function unpackerFor(coding: string, head: Buffer): Transform | null {
  const [first = 0, second = 0] = head;
  if (gzip.includes(coding) || (first === 0x1f && second === 0x8b)) {
    return first === 0x1f && second === 0x8b ? createGunzip() : null;
  }
  // The head of zlib (RFC 1950, 2.2); many servers leave it out.
  if (coding === "deflate" && (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0) return createInflate();
  if (isPlain(head)) return null;
  return coding === "deflate" ? createInflateRaw() : createBrotliDecompress();
}

/** Whether bytes begin as text does; those of a packed text hold controls before long. */
const isPlain = (head: Buffer): boolean =>
  head.length === 0 || !/[^\t\n\r -~\x80-\xff]/.test(head.subarray(0, 256).toString("latin1"));

/** What a gzip file holds, at most `most` bytes; null where it is broken or larger. */
export async function gunzipped(bytes: Uint8Array, most: number): Promise<Buffer | null> {
  try {
    return await collected(limited(chained(Readable.from([bytes]), createGunzip()), most));
  } catch {
    return null;
  }
}

/** Unlike `pipe`, an error of either side ends both. */
function chained(source: Readable, transform: Transform): Readable {
  source.once("error", (error) => transform.destroy(error));
  transform.once("close", () => source.destroy());
  return source.pipe(transform);
}

async function* limited(body: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most) throw tooLarge(most);
    yield chunk;
  }
}

export const tooLarge = (most: number): WebError =>
  new WebError("too-large", `it is larger than ${megabytes(most)} MB, the limit, and was not read.`);

export const megabytes = (bytes: number): number => Math.round((bytes / (1 << 20)) * 10) / 10;

/** All of it in one piece. */
export async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return (await collectedStart(chunks, Infinity)).bytes;
}

/** The first bytes, about `most` of them; `isCut`: there are more, which are not read. Other errors are thrown. */
export async function collectedStart(
  chunks: AsyncIterable<Uint8Array>,
  most: number,
): Promise<{ bytes: Buffer; isCut: boolean }> {
  const all: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of chunks) {
      all.push(chunk);
      size += chunk.length;
      if (size > most) return { bytes: Buffer.concat(all).subarray(0, most), isCut: true };
    }
  } catch (thrown) {
    if (!(thrown instanceof WebError && thrown.kind === "too-large") || size === 0 || most === Infinity) throw thrown;
    return { bytes: Buffer.concat(all), isCut: true };
  }
  return { bytes: Buffer.concat(all), isCut: false };
}
