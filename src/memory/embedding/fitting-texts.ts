import { ModelError } from "../../errors.js";
import { meanVector, unitVector } from "../vectors/cosine.js";
import type { Embed } from "../memory.js";
import { cutText } from "./pieces.js";

/** Texts are not cut shorter than this: a model that does not take them takes nothing. */
const shortest = 200;
const overlapShare = 1 / 10;

/**
 * Embeds what the server finds too long in halves, for models with a limit that is not known: first half of the texts,
 * then halves of a text, whose vectors become one.
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

/** The first models took line ends for something else than spaces; everything is embedded as they want it, or nothing. */
export const withoutLineEnds =
  (embed: Embed): Embed =>
  (texts, call) =>
    embed(
      texts.map((text) => text.replace(/\r\n|[\r\n]/g, " ")),
      call,
    );

/** Whether a model is one of those. */
export const wantsOneLine = (model: string): boolean => /(^|[/:])text-embedding-ada-002/.test(model);
