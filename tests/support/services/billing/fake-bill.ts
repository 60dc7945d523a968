import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { createCatalog } from "../../../../src/model/catalog/catalog.js";
import { type Prices } from "../../../../src/model/catalog/model-entry.js";
import type { Message } from "../../../../src/model/model.js";

export type Bill = {
  promptTokens: number;
  cachedTokens: number;
  cacheWriteTokens: number;
  completionTokens: number;
  embeddingTokens: number;
  usd: number;
};
export type Use = { prompt?: number; cached?: number; written?: number; completion?: number; embedding?: number };

/** What a fake server charges, kept independently of the client's own books. */
export function openBill(prices: Record<string, Prices> = {}) {
  const bill: Bill = {
    promptTokens: 0,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    completionTokens: 0,
    embeddingTokens: 0,
    usd: 0,
  };
  const catalog = createCatalog();
  return {
    charge(model: string, { prompt = 0, cached = 0, written = 0, completion = 0, embedding = 0 }: Use): void {
      const price = prices[model] ?? catalog.get(model).prices ?? { input: 0, output: 0 };
      bill.promptTokens += prompt;
      bill.cachedTokens += cached;
      bill.cacheWriteTokens += written;
      bill.completionTokens += completion;
      bill.embeddingTokens += embedding;
      const plain = prompt + embedding - cached - written;
      const input =
        plain * price.input + cached * (price.cachedInput ?? price.input) + written * (price.cacheWrite ?? price.input);
      bill.usd += (input + completion * price.output) / 1e6;
    },
    total: (): Bill => ({ ...bill }),
  };
}

/** Texts that hold the names of special tokens are plain text. */
export const plainText = { disallowedSpecial: new Set<string>() };
const counted = new Map<string, number>();

/** Remembered, because a conversation is sent again with every step. */
export function tokensOf(text: string): number {
  let tokens = counted.get(text);
  if (tokens === undefined) {
    // The tokeniser is slow on very long runs without a break.
    const runs = text.length < 5000 ? [text] : (text.match(/\s*\S{0,1000}/g) ?? []);
    tokens = runs.reduce((sum, run) => sum + countTokens(run, plainText), 0);
    if (counted.size > 2000) counted.clear();
    counted.set(text, tokens);
  }
  return tokens;
}

export const promptTokens = (messages: readonly Message[]): number =>
  messages.reduce((sum, { content }) => sum + tokensOf(content) + 4, 3);

/** What a request shares with the one before it from the start: counted from 1,024 tokens on. */
export function sharedTokens(previous: readonly Message[], messages: readonly Message[]): number {
  const different = messages.findIndex((message, index) => message.content !== previous[index]?.content);
  const shared = promptTokens(different === -1 ? messages : messages.slice(0, different));
  return shared >= 1024 ? shared - 3 : 0;
}
