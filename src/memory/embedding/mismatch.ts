import { commandLine } from "../../base/process/command-line.js";
import { SettingsError } from "../../errors.js";
import type { MadeWith } from "../memory.js";

/** The error where a memory has vectors of another model than is to be used: the two cannot be compared. */
export const modelMismatch = ({ where, embeddingModel }: MadeWith, model: string): SettingsError =>
  new SettingsError(
    `The memory ${where} was made with ${embeddingModel}, and EMBEDDING_MODEL is now ${model}; ` +
      "their vectors cannot be compared. " +
      `Set EMBEDDING_MODEL=${embeddingModel}, run ${commandLine("memory reembed")}, or start over with --wipe-memory.`,
  );

/** The error where a model gives vectors of another length than the memory has. */
export const dimensionMismatch = ({ where, embeddingModel, dimension }: MadeWith, given: number): SettingsError =>
  new SettingsError(
    `The memory ${where} holds vectors of ${dimension} numbers, and ${embeddingModel} now gives ${given}. ` +
      `Use the server that it was made with, run ${commandLine("memory reembed")}, or start over with --wipe-memory.`,
  );
