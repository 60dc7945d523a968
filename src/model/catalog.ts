import { knownModels } from "./known-models.js";

export type Encoding = "o200k_base" | "cl100k_base";
/** US dollars per million tokens. Without `cachedInput`, cached tokens cost as much as others. */
export type Prices = { input: number; cachedInput?: number; output: number };

/** What is known about one model. Fields that are absent are not known. */
export type ModelEntry = {
  name: string;
  /** False for a model that neither the table nor MODEL_CATALOG names. */
  known: boolean;
  /** Prompt and answer together, in tokens. */
  window?: number;
  maxOutputTokens?: number;
  prices?: Prices;
  /** A prompt of more than `above` tokens raises the rates of the whole request. */
  longPrompt?: { above: number; inputFactor: number; outputFactor: number };
  limitParameter: "max_tokens" | "max_completion_tokens";
  temperature: "yes" | "no" | "only-without-reasoning";
  reasoningEffort: boolean;
  /** Whether `response_format` takes a JSON schema, and whether it takes `json_object`; undefined: to be found out. */
  jsonSchema?: boolean;
  jsonObject?: boolean;
  /** The day the vendor shuts it down, YYYY-MM-DD. */
  retires?: string;
  /** The model to use in its place. */
  replacement?: string;
  encoding: Encoding;
  /** Embedding models: how long a vector is. */
  dimension?: number;
  /** Embedding models: the most tokens one text may have. */
  inputLimit?: number;
};

/** What MODEL_CATALOG says about a model: any of the fields of an entry. */
export type CatalogExtra = Record<string, Partial<Omit<ModelEntry, "name" | "known">>>;

export interface Catalog {
  /** The entry of a model, of the model it is a dated snapshot of, or one that assumes nothing. */
  get(name: string): ModelEntry;
  names(): string[];
}

/** What servers of unknown models are least likely to refuse. */
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
