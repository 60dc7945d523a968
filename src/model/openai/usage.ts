import { isObject } from "../../base/json.js";
import type { Usage } from "../../history/event-parts.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import { dearestUsage } from "../catalog/price.js";
import { estimateTokens } from "../estimate-tokens.js";
import { mostTokens, type TokenCounter } from "../tokens.js";

/** What a server says of one request, in tokens. What it does not say, or cannot be true, is undefined. */
export type ReportedUsage = {
  promptTokens: number | undefined;
  completionTokens: number | undefined;
  totalTokens: number | undefined;
  /** What of the answer was thinking; 0 where the server does not say. */
  reasoningTokens: number;
  cachedTokens: number;
  /** `unclear`: it says something about writing that is no number of tokens. */
  cacheWriteTokens: number | "unclear";
};

/** No request of any model has so many tokens: a larger number is a fault of the server's. */
const largestCount = 100_000_000;

type Fields = Record<string, unknown>;

/** The fields of a usage object; of several in one stream, each later one on top of the earlier. Null for anything else. */
export function usageFields(value: unknown, earlier: Fields | null = null): Fields | null {
  if (!isObject(value)) return earlier;
  const said = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return { ...earlier, ...Object.fromEntries(said) };
}

/** Reads a usage object, under the names of OpenAI's two protocols and of other vendors. */
export function readUsage(fields: Fields | null): ReportedUsage | undefined {
  if (fields === null) return undefined;
  const details = { ...inner(fields["input_tokens_details"]), ...inner(fields["prompt_tokens_details"]) };
  const written = [
    details["cache_write_tokens"],
    details["cache_creation_tokens"],
    fields["cache_creation_input_tokens"],
    fields["cache_write_tokens"],
  ].find(isSaid);
  const cachedTokens =
    [
      details["cached_tokens"],
      fields["cache_read_input_tokens"],
      fields["prompt_cache_hit_tokens"],
      fields["cached_tokens"],
    ]
      .map(countOf)
      .find((count) => count !== undefined) ?? 0;
  const cacheWriteTokens = countOf(written) ?? (isSaid(written) ? "unclear" : 0);
  return {
    promptTokens: promptOf(fields, cachedTokens, cacheWriteTokens),
    completionTokens: countOf(fields["completion_tokens"] ?? fields["output_tokens"]),
    totalTokens: countOf(fields["total_tokens"]),
    reasoningTokens: reasoningOf(fields),
    cachedTokens,
    cacheWriteTokens,
  };
}

function reasoningOf(fields: Fields): number {
  const details = { ...inner(fields["output_tokens_details"]), ...inner(fields["completion_tokens_details"]) };
  return countOf(details["reasoning_tokens"]) ?? countOf(fields["reasoning_tokens"]) ?? 0;
}

/** A prompt is never empty, so a server that reports 0 tokens does not count them. */
function promptOf(fields: Fields, cached: number, written: number | "unclear"): number | undefined {
  const own = countOf(fields["prompt_tokens"]);
  if (own !== undefined || isSaid(fields["prompt_tokens"])) return own === 0 ? undefined : own;
  const input = countOf(fields["input_tokens"]);
  // In Anthropic's form, what was read from the cache or written to it stands beside the input.
  const beside = isSaid(fields["cache_read_input_tokens"]) || isSaid(fields["cache_creation_input_tokens"]);
  const whole = input !== undefined && beside && written !== "unclear" ? input + cached + written : input;
  return whole === 0 ? undefined : whole;
}

const inner = (value: unknown): Fields => usageFields(value) ?? {};
const isSaid = (value: unknown): boolean => value !== undefined && value !== null;
const countOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= largestCount ? value : undefined;

/** What is known of a request besides what its server reports. */
export type Seen = {
  entry: ModelEntry;
  counter: TokenCounter;
  /** The most tokens that what was sent can have. */
  sentTokens(): number;
  /** Everything that was answered, thinking included. */
  generated: string;
  /** Where the answer was cut off at its limit: that limit, for all of it was used. */
  cutAt?: number | undefined;
};

/** A server counts with a tokeniser of its own, but none needs less than this share of the tokens that ours does. */
const leastShare = 1 / 4;

/**
 * The usage that a request is settled by: each half as the server reports it, or, where it does not or where that cannot
 * be true, the most that what was sent or seen can have; such a usage is marked `estimated`. What the server's total or its
 * thinking has beyond the halves may be billed as well, so it is counted, as part of the answer.
 */
export async function settledUsage(reported: ReportedUsage | undefined, seen: Seen): Promise<Usage> {
  const completion = await believedCompletion(reported?.completionTokens, seen);
  const prompt = reported?.promptTokens;
  if (prompt === undefined || completion === undefined) await seen.counter.load();
  const total = reported?.totalTokens ?? 0;
  const promptTokens = prompt ?? Math.max(seen.sentTokens(), completion === undefined ? 0 : total - completion);
  const least = Math.max(total - promptTokens, thoughtBeside(reported, completion));
  const completionTokens = Math.max(completion ?? mostAnswered(seen), least);
  const cachedTokens = prompt === undefined ? 0 : Math.min(prompt, reported?.cachedTokens ?? 0);
  const behind = promptTokens - cachedTokens;
  const written = prompt === undefined ? "unclear" : (reported?.cacheWriteTokens ?? 0);
  const cacheWriteTokens =
    written === "unclear" ? (dearestUsage(seen.entry, behind, 0).cacheWriteTokens ?? 0) : Math.min(behind, written);
  const isUnclear = completionTokens !== completion || reported?.cacheWriteTokens === "unclear";
  const estimated = prompt === undefined || isUnclear;
  return {
    promptTokens,
    cachedTokens,
    completionTokens,
    ...(cacheWriteTokens > 0 && { cacheWriteTokens }),
    ...(estimated && { estimated }),
  };
}

/** The answer with its thinking, where the thinking alone is more than the answer it should be a part of: it was counted beside it. */
function thoughtBeside(reported: ReportedUsage | undefined, completion: number | undefined): number {
  const reasoning = reported?.reasoningTokens ?? 0;
  return reasoning > (completion ?? 0) ? reasoning + (completion ?? 0) : 0;
}

/** What the server says of the answer; undefined where that is less than what was seen can have. */
async function believedCompletion(reported: number | undefined, seen: Seen): Promise<number | undefined> {
  const { generated, counter, cutAt } = seen;
  if (reported === undefined || (reported === 0 && cutAt !== undefined)) return undefined;
  if (reported >= estimateTokens(generated) * leastShare) return reported;
  await counter.load();
  return reported >= counter.count(generated) * leastShare ? reported : undefined;
}

const mostAnswered = ({ generated, counter, cutAt = 0 }: Seen): number =>
  Math.max(mostTokens(generated, counter), cutAt);
