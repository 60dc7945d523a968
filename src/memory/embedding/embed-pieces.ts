import { ModelError } from "../../errors.js";
import type { Call } from "../../model/model.js";
import { meanVector, unitVector } from "../vectors/cosine.js";
import type { Embed } from "../memory.js";
import { cutText } from "./pieces.js";

/** In characters. That is at most 7,800 bytes of UTF-8 and so at most 7,800 tokens; the models take 8,191. */
const pieceLength = 2600;
const pieceOverlap = 200;
/** A request may have 300,000 tokens. */
const piecesPerRequest = 32;
/** Of a long query only the last pieces are embedded: they say what is wanted now. */
const queryPieces = 8;

/** For each text the unit vectors of its pieces, in order: at least one unless the text is empty. */
export async function embedRecords(embed: Embed, texts: readonly string[], call: Call): Promise<Float32Array[][]> {
  const pieces = texts.map(piecesOf);
  const vectors = await embedPieces(embed, pieces.flat(), call);
  let from = 0;
  return pieces.map(({ length }) => vectors.slice(from, (from += length)));
}

/** One unit vector for a query of one or more texts of any length: the mean of its pieces, which are those of records with these texts. */
export async function embedQuery(embed: Embed, texts: readonly string[], call: Call): Promise<Float32Array> {
  const pieces = texts.flatMap(piecesOf).slice(-queryPieces);
  return meanVector(
    await embedPieces(embed, pieces, call),
    pieces.map(({ length }) => length),
  );
}

const piecesOf = (text: string): string[] => cutText(text, pieceLength, pieceOverlap);

async function embedPieces(embed: Embed, pieces: readonly string[], call: Call): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let from = 0; from < pieces.length; from += piecesPerRequest) {
    const asked = pieces.slice(from, from + piecesPerRequest);
    const got = await embed(asked, call);
    if (got.length !== asked.length) {
      throw unusable(`it was asked for ${asked.length} vectors and gave ${got.length}`);
    }
    vectors.push(...got);
  }
  const dimension = vectors[0]?.length ?? 0;
  if (dimension === 0 || vectors.some((vector) => vector.length !== dimension || !vector.every(Number.isFinite))) {
    throw unusable("it gave vectors that are empty, of different lengths or not made of 32-bit numbers");
  }
  return vectors.map(unitVector);
}

const unusable = (problem: string): ModelError =>
  new ModelError("not-a-completion", `The embedding model cannot be used: ${problem}.`, {
    advice: "Check EMBEDDING_MODEL.",
  });
