import { SettingsError } from "../../errors.js";
import type { ModelEntry } from "./model-entry.js";
import type { Usage } from "../../history/event-parts.js";

/** The floating-point error of a product, which must not be rounded up to a whole nano-dollar. */
const noise = 1e-6;

/** What writing to a cache costs of the input price, where a model charges for it and the price is not known. */
const usualWriteFactor = 1.25;

type Rates = { input: number; cached: number; written: number; output: number };

/** Nano-dollars for one token of each kind, in a request with this many prompt tokens. A model without price is free. */
function ratesOf({ prices, longPrompt, promptCache }: ModelEntry, promptTokens: number): Rates {
  if (!prices) return { input: 0, cached: 0, written: 0, output: 0 };
  const usualWrite = promptCache === true ? prices.input * usualWriteFactor : prices.input;
  const long = longPrompt && promptTokens > longPrompt.above ? longPrompt : { inputFactor: 1, outputFactor: 1 };
  const input = prices.input * 1000 * long.inputFactor;
  const cached = (prices.cachedInput ?? prices.input) * 1000 * long.inputFactor;
  const written = (prices.cacheWrite ?? usualWrite) * 1000 * long.inputFactor;
  return { input, cached, written, output: prices.output * 1000 * long.outputFactor };
}

/** What the tokens of one request cost, in whole nano-dollars. */
export function costNano(entry: ModelEntry, usage: Usage): number {
  const { promptTokens, cachedTokens, cacheWriteTokens = 0, completionTokens } = usage;
  const { input, cached, written, output } = ratesOf(entry, promptTokens);
  const plain = promptTokens - cachedTokens - cacheWriteTokens;
  const exact = plain * input + cachedTokens * cached + cacheWriteTokens * written + completionTokens * output;
  return Math.max(0, Math.ceil(exact - noise));
}

/** The use of a request that costs most: nothing is found in the cache, and all of it is written there if that is dearer. */
export function dearestUsage(entry: ModelEntry, promptTokens: number, completionTokens: number): Usage {
  const { input, written } = ratesOf(entry, promptTokens);
  const usage = { promptTokens, cachedTokens: 0, completionTokens };
  return written > input && promptTokens > 0 ? { ...usage, cacheWriteTokens: promptTokens } : usage;
}

/** How many tokens an answer may have for `nano` nano-dollars, after a prompt that is paid for. */
export function affordableTokens(entry: ModelEntry, promptTokens: number, nano: number): number {
  const { output } = ratesOf(entry, promptTokens);
  return output === 0 ? Infinity : Math.floor(nano / output + noise);
}

/** With a cost limit every model needs a price. Throws SettingsError, which names `setting` and MODEL_CATALOG. */
export function requirePrice(entry: ModelEntry, setting: string): void {
  if (entry.prices) return;
  throw new SettingsError(
    `The price of ${entry.name} (${setting}) is not known, so a cost limit cannot be kept. Give its prices in a file ` +
      `named by MODEL_CATALOG, for instance "${entry.name}: { prices: { input: 1, output: 5 } }" (US dollars per ` +
      "million tokens), choose another model, or use --max-tokens in place of the cost limit.",
  );
}
