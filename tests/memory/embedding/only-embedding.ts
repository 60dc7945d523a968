import { otherModel } from "../../../src/memory/embedding/refusals.js";
import type { ChooseEmbedding, Embed } from "../../../src/memory/memory.js";

/** The choice where there is only one model: refuses memories of any other. */
export const onlyEmbedding =
  (model: string, embed: Embed | null): ChooseEmbedding =>
  async (madeWith) => {
    if (madeWith !== null && madeWith.embeddingModel !== model) throw otherModel(madeWith, model);
    return { model, embed };
  };
