const firstBytes = 1 << 10;

/** A text of ASCII that grows piece by piece. A million pieces of one character would be a million strings. */
export type AsciiText = { add(piece: string): void; length(): number; start(length: number): string };

export function createAsciiText(): AsciiText {
  let bytes = Buffer.allocUnsafe(firstBytes);
  let used = 0;
  return {
    add(piece) {
      if (used + piece.length > bytes.length) {
        const larger = Buffer.allocUnsafe(2 * (bytes.length + piece.length));
        bytes.copy(larger, 0, 0, used);
        bytes = larger;
      }
      for (let index = 0; index < piece.length; index += 1) bytes[used++] = piece.charCodeAt(index);
    },
    length: () => used,
    start: (length) => bytes.toString("latin1", 0, length),
  };
}
