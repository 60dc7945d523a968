import { Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { WebError } from "../web-error.js";

/**
 * The bytes of an answer, decompressed as its Content-Encoding says. Throws WebError as soon as more than `most` bytes
 * have come over the network or out of the decompression; no more is read then.
 */
export function unpacked(body: Readable, encoding: string, most: number): AsyncIterable<Uint8Array> {
  const codings = encoding
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");
  if (codings.length === 0) return limited(body, most);
  const [coding = ""] = codings;
  const unpack = unpackers.get(coding);
  if (codings.length > 1 || unpack === undefined) {
    throw new WebError(
      "unreadable",
      `the answer is packed as ${JSON.stringify(encoding.slice(0, 60))}, which is not understood.`,
    );
  }
  return limited(chained(Readable.from(limited(body, most)), unpack()), most);
}

const unpackers: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);

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
  new WebError(
    "too-large",
    `it is larger than ${Math.round((most / (1 << 20)) * 10) / 10} MB, the limit, and was not read.`,
  );

/** All of it in one piece. */
export async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
