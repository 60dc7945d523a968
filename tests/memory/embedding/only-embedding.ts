import { modelMismatch } from "../../../src/memory/embedding/mismatch.js";
import type { ChooseEmbedding, Embed } from "../../../src/memory/memory.js";

/** The choice where there is only one model: refuses memories of any other. */
export const onlyEmbedding =
  (model: string, embed: Embed | null): ChooseEmbedding =>
  async (madeWith) => {
    if (madeWith !== null && madeWith.embeddingModel !== model) throw modelMismatch(madeWith, model);
    return { model, embed };
  };
