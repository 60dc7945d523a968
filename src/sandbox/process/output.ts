/** Keeps the beginning and the end of a stream that may be longer than memory. */
export type OutputKeeper = { add(chunk: Buffer): void; text(): string };

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
    text() {
      const end = Buffer.concat(tail);
      const excess = Math.max(0, end.length - half);
      if (leftOut + excess === 0) return decode(Buffer.concat([...head, end]));
      const marker = `\n[${leftOut + excess} bytes of output are left out here]\n`;
      return trimmed(decode(Buffer.concat(head))) + marker + trimmed(decode(end.subarray(excess)));
    },
  };
}

const decode = (bytes: Buffer): string => new TextDecoder().decode(bytes);

/** Without the remains of a character that the cut fell into. */
const trimmed = (text: string): string => text.replace(/^\ufffd{1,3}|\ufffd$/g, "");
