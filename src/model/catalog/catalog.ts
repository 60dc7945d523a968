import { knownModels } from "./known-models.js";
import type { ModelEntry } from "./model-entry.js";

/** What MODEL_CATALOG says about a model: any of the fields of an entry. */
export type CatalogExtra = Record<string, Partial<Omit<ModelEntry, "name" | "known">>>;

export interface Catalog {
  /** The entry of a model, or of the model of which it is a dated snapshot; an unknown model gets cautious values. */
  get(name: string): ModelEntry;
  names(): string[];
}

/** The values for a model that is not known: those that servers are least likely to refuse. */
const unknownModel: Omit<ModelEntry, "name" | "known"> = {
  limitParameter: "max_tokens",
  temperature: "yes",
  reasoningEffort: false,
  encoding: "o200k_base",
};

/** `gpt-4o-2024-08-06`, `gpt-4-0613`: a name, then a date. */
const snapshotDate = /-(\d{4}-\d{2}-\d{2}|\d{4}|\d{8})$/;

/** The built-in table with `extra` on top: it adds models and replaces single fields of known ones. */
export function createCatalog(extra: CatalogExtra = {}): Catalog {
  const entries = new Map<string, ModelEntry>();
  for (const [name, facts] of Object.entries(knownModels)) entries.set(name, { ...facts, name, known: true });
  const find = (name: string) => entries.get(name) ?? entries.get(name.replace(snapshotDate, ""));
  for (const [name, facts] of Object.entries(extra)) {
    entries.set(name, { ...unknownModel, ...find(name), ...facts, name, known: true });
  }
  return {
    get(name) {
      const entry = find(name);
      return entry ? { ...entry, name } : { ...unknownModel, name, known: false };
    },
    names: () => [...entries.keys()],
  };
}
