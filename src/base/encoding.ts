/** Names as TextDecoder knows them. */
export type Encoding = string;

const marks: readonly (readonly [Encoding, readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** How much of a file the guess of an unmarked encoding looks at. */
const guessedBytes = 64 * 1024;

/**
 * Which encoding a text is in: by its byte order mark, else UTF-8 where the bytes are valid UTF-8 (`cut`: they may end
 * in the middle of a character), else the best guess, and windows-1252, which takes every byte, where there is none.
 */
export async function detectEncoding(bytes: Uint8Array, { cut = false } = {}): Promise<Encoding> {
  const marked = marks.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte));
  if (marked) return marked[0];
  if (isUtf8(bytes, cut)) return "utf-8";
  const { default: chardet } = await import("chardet");
  const firstForeign = bytes.findIndex((byte) => byte >= 0x80);
  const from = Math.max(0, firstForeign - 1024);
  return supported(chardet.detect(bytes.subarray(from, from + guessedBytes))) ?? "windows-1252";
}

/** The text of a whole file, and the encoding it was read as. A byte order mark is no part of the text. */
export async function decodeText(bytes: Uint8Array): Promise<{ text: string; encoding: Encoding }> {
  const encoding = await detectEncoding(bytes);
  return { text: new TextDecoder(encoding).decode(bytes), encoding };
}

function isUtf8(bytes: Uint8Array, cut: boolean): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: cut });
    return true;
  } catch {
    return false;
  }
}

/** UTF-8 was ruled out before; a guess that this Node cannot decode is none. */
function supported(guess: string | null): Encoding | null {
  if (guess === null) return null;
  try {
    const { encoding } = new TextDecoder(guess);
    return encoding === "utf-8" ? null : encoding;
  } catch {
    return null;
  }
}
