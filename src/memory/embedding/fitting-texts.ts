import { ModelError } from "../../errors.js";
import { meanVector, unitVector } from "../vectors/cosine.js";
import type { Embed } from "../memory.js";
import { cutText } from "./pieces.js";

/** In characters: a model that refuses a text this short takes nothing at all. */
const shortest = 200;
const overlapShare = 1 / 10;

/**
 * For models whose limit is not known: a request that the server finds too long is sent again in halves, first half of
 * the texts each, then half of a single text each. The vectors of a text's halves become one, their mean.
 */
export function withFittingTexts(embed: Embed): Embed {
  const embedFitting: Embed = async (texts, call) => {
    try {
      return await embed(texts, call);
    } catch (error) {
      if (!(error instanceof ModelError) || error.kind !== "context-too-long") throw error;
      const [only = ""] = texts;
      if (texts.length > 1) {
        const middle = Math.ceil(texts.length / 2);
        return [
          ...(await embedFitting(texts.slice(0, middle), call)),
          ...(await embedFitting(texts.slice(middle), call)),
        ];
      }
      if (only.length < 2 * shortest) throw error;
      const overlap = Math.floor(only.length * overlapShare);
      const halves = cutText(only, Math.ceil((only.length + overlap) / 2), overlap);
      const vectors = await embedFitting(halves, call);
      const weights = halves.map(({ length }) => length);
      return [meanVector(vectors.map(unitVector), weights)];
    }
  };
  return embedFitting;
}

/** Replaces line ends by spaces, as OpenAI advised for its first embedding models: see wantsOneLine. */
export const withoutLineEnds =
  (embed: Embed): Embed =>
  (texts, call) =>
    embed(
      texts.map((text) => text.replace(/\r\n|[\r\n]/g, " ")),
      call,
    );

/** Whether a model gives worse vectors for texts with line ends. */
export const wantsOneLine = (model: string): boolean => /(^|[/:])text-embedding-ada-002/.test(model);
