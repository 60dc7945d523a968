const newline = 0x0a;

/** Where a transport of the client's collects what it reads; of no other use to anybody. */
type Collecting = { append(chunk: Buffer): void };

/**
 * Hands a transport's buffer whole lines alone. With each piece it copies, and searches, all that it holds: an answer of
 * 50 MB would keep the whole program from doing anything for most of a minute. What is larger than `most` bytes is handed on
 * as it is, and refused there. A transport without such a buffer is left as it is.
 */
export function collectLines(transport: object, most: number): void {
  const buffer = (transport as { _readBuffer?: Partial<Collecting> })._readBuffer;
  if (typeof buffer?.append !== "function") return;
  const append = buffer.append.bind(buffer);
  let held: Buffer[] = [];
  let bytes = 0;
  buffer.append = (chunk) => {
    held.push(chunk);
    bytes += chunk.length;
    if (bytes <= most && !chunk.includes(newline)) return;
    const all = Buffer.concat(held);
    held = [];
    bytes = 0;
    append(all);
  };
}
