import type { TakenEfforts } from "./effort.js";

export type TokenEncoding = "o200k_base" | "cl100k_base";
/**
 * US dollars per million tokens. Without `cachedInput`, cached tokens cost as much as others; without `cacheWrite`, tokens
 * that the server writes to its cache do, or a quarter more where the model is known to charge for that (`promptCache`).
 */
export type Prices = { input: number; cachedInput?: number; cacheWrite?: number; output: number };

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
  /** Of `reasoning_effort`. */
  reasoningEffort: TakenEfforts;
  /** It finds a prompt again at breakpoints alone, which the request sets, and charges for what it writes to its cache. */
  promptCache?: boolean;
  /** Whether `response_format` takes a JSON schema, and whether it takes `json_object`; undefined: to be found out. */
  jsonSchema?: boolean;
  jsonObject?: boolean;
  /** The API by which alone it can be asked; undefined: Chat Completions, or what the server says. */
  api?: "chat" | "responses";
  /** Its answers take so long that they are worked on in the background. */
  background?: boolean;
  /** The day the vendor shuts it down, YYYY-MM-DD. */
  retires?: string;
  /** The model to use in its place. */
  replacement?: string;
  encoding: TokenEncoding;
  /** Embedding models: how long a vector is. */
  dimension?: number;
  /** Embedding models: the most tokens one text may have. */
  inputLimit?: number;
};
