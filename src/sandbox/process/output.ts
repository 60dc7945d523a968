import { decodeLines } from "../../base/encodings/decode-lines.js";

/** Keeps the beginning and the end of a stream that may be longer than memory. */
export type OutputKeeper = {
  add(chunk: Buffer): void;
  /** As text, in whatever encoding it is; `more`: further bytes may come, so that it may end within a character. */
  text(more?: boolean): string;
};

/** Keeps at most `limit` bytes: half from the beginning, half from the end, with a marker that says what is missing. */
export function keepOutput(limit: number): OutputKeeper {
  const half = Math.max(1, Math.floor(limit / 2));
  const head: Buffer[] = [];
  const tail: Buffer[] = [];
  let headSize = 0;
  let tailSize = 0;
  let leftOut = 0;

  const addToTail = (chunk: Buffer): void => {
    const kept = chunk.length > half ? chunk.subarray(chunk.length - half) : chunk;
    leftOut += chunk.length - kept.length;
    tail.push(kept);
    tailSize += kept.length;
    for (let first = tail[0]; first && tailSize - first.length >= half; first = tail[0]) {
      tail.shift();
      tailSize -= first.length;
      leftOut += first.length;
    }
  };

  return {
    add(chunk) {
      const room = half - headSize;
      if (room > 0) head.push(Buffer.from(chunk.subarray(0, room)));
      headSize += Math.min(Math.max(room, 0), chunk.length);
      if (chunk.length > room) addToTail(Buffer.from(chunk.subarray(Math.max(room, 0))));
    },
    text(more = false) {
      const end = Buffer.concat(tail);
      const excess = Math.max(0, end.length - half);
      if (leftOut + excess === 0) return decodeLines(Buffer.concat([...head, end]), { cut: more }).text;
      const marker = `\n[${leftOut + excess} bytes of output are left out here]\n`;
      const start = decodeLines(Buffer.concat(head), { cut: true }).text;
      return trimmed(start) + marker + trimmed(decodeLines(fromCharacter(end.subarray(excess)), { cut: more }).text);
    },
  };
}

/** Without the rest of a character in UTF-8 that the cut fell into. */
function fromCharacter(bytes: Buffer): Buffer {
  const first = bytes.subarray(0, 4).findIndex((byte) => (byte & 0xc0) !== 0x80);
  return bytes.subarray(Math.max(0, first));
}

/** Without the remains of a character that the cut fell into. */
const trimmed = (text: string): string => text.replace(/^\ufffd{1,3}|\ufffd$/g, "");
