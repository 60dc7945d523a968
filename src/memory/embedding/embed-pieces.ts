import { ModelError } from "../../errors.js";
import type { Call } from "../../model/model.js";
import { meanVector, unitVector } from "../vectors/cosine.js";
import type { Embed } from "../memory.js";
import { cutText } from "./pieces.js";

/** At most 7,800 bytes of UTF-8, and no token is shorter than a byte: below the models' limit of 8,191 tokens. */
const pieceLength = 2600;
const pieceOverlap = 200;
/** One request takes at most 300,000 tokens. */
const piecesPerRequest = 32;
/** How many pieces of a long query are asked for: the last ones, which say what is wanted now. */
const queryPieces = 8;

/** The unit vectors of the pieces of each text, in order; a text that is not blank has at least one. */
export async function embedRecords(embed: Embed, texts: readonly string[], call: Call): Promise<Float32Array[][]> {
  const pieces = texts.map((text) => cutText(text, pieceLength, pieceOverlap));
  const vectors = await embedPieces(embed, pieces.flat(), call);
  let from = 0;
  return pieces.map(({ length }) => vectors.slice(from, (from += length)));
}

/** One unit vector for a query of any length. */
export async function embedQuery(embed: Embed, query: string, call: Call): Promise<Float32Array> {
  const pieces = cutText(query, pieceLength, 0).slice(-queryPieces);
  const vectors = await embedPieces(embed, pieces, call);
  return meanVector(
    vectors,
    pieces.map(({ length }) => length),
  );
}

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
