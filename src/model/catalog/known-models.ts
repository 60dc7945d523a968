import { efforts } from "./effort.js";
import type { ModelEntry, Prices } from "./model-entry.js";

type Facts = Omit<ModelEntry, "name" | "known">;

/** gpt-5.6 and later, as the vendor described them in November 2026. */
const reasoning: Facts = {
  window: 1_050_000,
  maxOutputTokens: 128_000,
  longPrompt: { above: 272_000, inputFactor: 2, outputFactor: 1.5 },
  limitParameter: "max_completion_tokens",
  temperature: "only-without-reasoning",
  reasoningEffort: true,
  promptCache: true,
  jsonSchema: true,
  jsonObject: true,
  encoding: "o200k_base",
};

/** gpt-6.2 always reasons. */
const thinking: Facts = { ...reasoning, reasoningEffort: efforts.filter((effort) => effort !== "none") };

/** gpt-5 and the o series: they always reason, so they never take a temperature. */
const alwaysReasoning: Facts = {
  limitParameter: "max_completion_tokens",
  temperature: "no",
  reasoningEffort: ["low", "medium", "high"],
  jsonSchema: true,
  jsonObject: true,
  encoding: "o200k_base",
};

const plain: Facts = {
  limitParameter: "max_tokens",
  temperature: "yes",
  reasoningEffort: false,
  jsonSchema: true,
  jsonObject: true,
  encoding: "o200k_base",
};

const early: Facts = { ...plain, jsonSchema: false, encoding: "cl100k_base" };
const gpt5: Facts = { ...alwaysReasoning, window: 400_000, maxOutputTokens: 128_000, retires: "2026-12-11" };
const gpt4o: Facts = { ...plain, window: 128_000, maxOutputTokens: 16_384, retires: "2027-01-14" };
const gpt41: Facts = { ...plain, window: 1_047_576, maxOutputTokens: 32_768, retires: "2027-01-14" };
const oSeries: Facts = { ...alwaysReasoning, window: 200_000, maxOutputTokens: 100_000 };
const embedding: Facts = { ...plain, jsonObject: false, encoding: "cl100k_base", inputLimit: 8191 };

/** Pictures are paid for in tokens. How many one takes at most is not published, so it is set high here. */
const image: Facts = { ...plain, jsonObject: false, window: 32_000, maxOutputTokens: 10_000 };

const top = "gpt-6.1-sol";
const middle = "gpt-6.1-terra";
const small = "gpt-6-luna";
const picture = "gpt-image-2.6-flare";
const gone = "2026-10-23";

/** From gpt-5.6 on, what is written to the cache costs a quarter more than other input. */
const prices = (input: number, cachedInput: number, output: number): Prices => ({
  input,
  cachedInput,
  cacheWrite: input * 1.25,
  output,
});

/**
 * Models, shutdown dates and the prices from gpt-5.6 on as the vendor listed them on 2026-11-27. The prices of older
 * models are the vendor's list prices as published by the end of 2025.
 */
export const knownModels: Readonly<Record<string, Facts>> = {
  "gpt-6.2-sol": { ...thinking, prices: prices(2, 0.1, 10) },
  "gpt-6.2-astra": { ...thinking, prices: prices(8, 0.4, 40) },
  "gpt-6.1-sol": { ...reasoning, prices: prices(2, 0.1, 10) },
  "gpt-6.1-terra": { ...reasoning, prices: prices(1, 0.05, 5) },
  "gpt-6-sol": { ...reasoning, prices: prices(2, 0.2, 10) },
  "gpt-6-luna": { ...reasoning, prices: prices(0.1, 0.01, 0.5) },
  "gpt-6-astra": { ...reasoning, prices: prices(10, 1, 50) },
  "gpt-5.6-sol": { ...reasoning, prices: prices(4, 0.4, 20) },
  "gpt-5.6-terra": { ...reasoning, prices: prices(2, 0.2, 12) },
  "gpt-5.6-luna": { ...reasoning, prices: prices(0.2, 0.02, 1.2) },

  "gpt-5": { ...gpt5, prices: { input: 1.25, cachedInput: 0.125, output: 10 }, replacement: middle },
  "gpt-5-mini": { ...gpt5, prices: { input: 0.25, cachedInput: 0.025, output: 2 }, replacement: small },
  "gpt-5-nano": { ...gpt5, prices: { input: 0.05, cachedInput: 0.005, output: 0.4 }, replacement: small },
  o3: {
    ...oSeries,
    prices: { input: 2, cachedInput: 0.5, output: 8 },
    retires: "2026-12-11",
    replacement: top,
  },
  "gpt-4o": { ...gpt4o, prices: { input: 2.5, cachedInput: 1.25, output: 10 }, replacement: middle },
  "gpt-4o-mini": { ...gpt4o, prices: { input: 0.15, cachedInput: 0.075, output: 0.6 }, replacement: small },
  "gpt-4.1": { ...gpt41, prices: { input: 2, cachedInput: 0.5, output: 8 }, replacement: middle },
  "gpt-4.1-mini": { ...gpt41, prices: { input: 0.4, cachedInput: 0.1, output: 1.6 }, replacement: small },

  "gpt-3.5-turbo": { ...early, window: 16_385, maxOutputTokens: 4096, retires: gone, replacement: small },
  "gpt-4": { ...early, window: 8192, jsonObject: false, retires: gone, replacement: middle },
  "gpt-4-turbo": { ...early, window: 128_000, maxOutputTokens: 4096, retires: gone, replacement: middle },
  "gpt-4.1-nano": { ...gpt41, retires: gone, replacement: small },
  o1: { ...oSeries, retires: gone, replacement: top },
  "o3-mini": { ...oSeries, retires: gone, replacement: middle },
  "o4-mini": { ...oSeries, retires: gone, replacement: middle },

  "gpt-image-2.6-flare": { ...image, prices: { input: 5, output: 30 } },
  "gpt-image-2.6-sunburst": { ...image, prices: { input: 5, output: 30 } },
  "gpt-image-1.5": { ...image, prices: { input: 5, output: 32 }, retires: "2026-12-01", replacement: picture },
  "gpt-image-1-mini": { ...image, prices: { input: 2, output: 8 }, retires: "2026-12-01", replacement: picture },
  "gpt-image-1": { ...image, retires: gone, replacement: picture },
  "dall-e-3": { ...image, retires: "2026-05-12", replacement: picture },
  "dall-e-2": { ...image, retires: "2026-05-12", replacement: picture },

  "text-embedding-3-small": { ...embedding, dimension: 1536, prices: { input: 0.02, output: 0 } },
  "text-embedding-3-large": { ...embedding, dimension: 3072, prices: { input: 0.13, output: 0 } },
  "text-embedding-ada-002": { ...embedding, dimension: 1536, prices: { input: 0.1, output: 0 } },
};
