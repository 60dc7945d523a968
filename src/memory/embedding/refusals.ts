import { SettingsError } from "../../errors.js";
import type { MadeWith } from "../memory.js";

/** Vectors of different models cannot be compared. */
export const otherModel = ({ where, embeddingModel }: MadeWith, model: string): SettingsError =>
  new SettingsError(
    `The memory ${where} was made with ${embeddingModel}, and EMBEDDING_MODEL is now ${model}; ` +
      "their vectors cannot be compared. " +
      `Set EMBEDDING_MODEL=${embeddingModel}, run autogpt memory reembed, or start over with --wipe-memory.`,
  );

/** Vectors of different lengths cannot be compared either. */
export const otherDimension = ({ where, embeddingModel, dimension }: MadeWith, given: number): SettingsError =>
  new SettingsError(
    `The memory ${where} holds vectors of ${dimension} numbers, and ${embeddingModel} now gives ${given}. ` +
      "Use the server that it was made with, run autogpt memory reembed, or start over with --wipe-memory.",
  );
