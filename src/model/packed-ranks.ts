/** The tokens of an encoding with their ranks, as the tokeniser asks for them. */
export type PackedRanks = {
  /** How many there are. */
  length: number;
  /** The tokens that are text. */
  strings: { get(token: string): number | undefined };
  /** Gives the others, which are parts of characters, with their ranks. */
  forEach(visit: (bytes: readonly number[], rank: number) => void): void;
};

/**
 * The tokens of an encoding in one piece of memory, as `build/token-tables.js` writes them: a map of 200,000 strings takes 45 MB more, and
 * a twentieth of a second. `bytes` are used as they are and must not change. A token is looked for among the
 * three or so whose hash has the same bucket, each by its length first.
 *
 * Whole numbers of four bytes: how many tokens are text, how many are not, how many buckets there are (a power of two), how long the rest is. Then for each
 * bucket and the end, where its tokens begin, as numbers of tokens, and where their characters begin; the ranks; the lengths, a byte
 * each, and filled up to an even number; the characters, in UTF-16; and as JSON the tokens that are no text, with their ranks.
 */
export function readPackedRanks(bytes: Uint8Array): PackedRanks {
  const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  let at = byteOffset;
  const numbers = (count: number): Uint32Array => {
    const read = new Uint32Array(buffer, at, count);
    at += read.byteLength;
    return read;
  };
  const [texts = 0, others = 0, buckets = 0, rest = 0] = numbers(4);
  const firstTokens = numbers(buckets + 1);
  const firstCharacters = numbers(buckets + 1);
  const ranks = numbers(texts);
  const lengths = new Uint8Array(buffer, at, texts);
  at += texts + (texts % 2);
  const characters = new Uint16Array(buffer, at, firstCharacters[buckets]);
  at += characters.byteLength;

  const isAt = (start: number, token: string): boolean => {
    for (let index = 0; index < token.length; index++)
      if (characters[start + index] !== token.charCodeAt(index)) return false;
    return true;
  };
  const get = (token: string): number | undefined => {
    const bucket = hashOf(token) & (buckets - 1);
    let start = firstCharacters[bucket] as number;
    const end = firstTokens[bucket + 1] as number;
    for (let index = firstTokens[bucket] as number; index < end; index++) {
      const length = lengths[index] as number;
      if (length === token.length && isAt(start, token)) return ranks[index];
      start += length;
    }
    return undefined;
  };
  const tokensOfBytes = JSON.parse(Buffer.from(buffer, at, rest).toString("latin1")) as [number, number[]][];
  return {
    length: texts + others,
    strings: { get },
    forEach: (visit) => tokensOfBytes.forEach(([rank, token]) => visit(token, rank)),
  };
}

/** FNV-1a over the 16-bit units of a text (http://www.isthe.com/chongo/tech/comp/fnv/), its upper half folded in. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
