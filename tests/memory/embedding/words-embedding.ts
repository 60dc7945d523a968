import { createHash } from "node:crypto";
import type { Embed } from "../../../src/memory/memory.js";

const dimension = 64;

/** Texts that share words get vectors that point the same way; the length of a vector says nothing. */
export function wordsVector(text: string): Float32Array {
  const vector = new Float32Array(dimension);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const place = createHash("sha256").update(word).digest().readUInt32LE() % dimension;
    vector[place] = (vector[place] ?? 0) + 3;
  }
  if (vector.every((value) => value === 0)) vector[0] = 1;
  return vector;
}

/** Embeds by words and keeps what it was asked; refuses what the real models refuse. */
export function wordsEmbedding(): { embed: Embed; asked: string[]; fail(error: Error | null): void } {
  const asked: string[] = [];
  let failure: Error | null = null;
  const embed: Embed = async (texts, { signal }) => {
    signal.throwIfAborted();
    if (failure) throw failure;
    for (const text of texts) {
      if (text === "") throw new Error("the input cannot be empty");
      if (Buffer.byteLength(text) > 8191) throw new Error("the input is longer than 8191 tokens may be");
    }
    if (texts.length > 2048) throw new Error("too many texts in one request");
    asked.push(...texts);
    return texts.map(wordsVector);
  };
  return { embed, asked, fail: (error) => (failure = error) };
}
