import { keepResults } from "../base/keeping/kept-results.js";
import type { TokenEncoding } from "./catalog/model-entry.js";
import { estimateTokens } from "./estimate-tokens.js";
import type { Message, ReplySchema } from "./model.js";
import { splitsPair, wholeEnd } from "../base/text.js";

/** Counts tokens: exactly once the tokeniser is loaded, before that by an estimate that is rather too high. */
export interface TokenCounter {
  /** Never throws; linear in the length of the text. */
  count(text: string): number;
  /** What a list of messages counts for in a request: each has 4 tokens of frame, the request 3. */
  messageTokens(messages: readonly Message[]): number;
  /** How many characters from the start of the text have at most `maxTokens` tokens. Never splits a surrogate pair. */
  fittingLength(text: string, maxTokens: number): number;
  readonly exact: boolean;
  /** What it counts by once it is exact; absent where it never is. */
  readonly encoding?: TokenEncoding;
  /** Loads the tokeniser. Where that is impossible the estimate stays; never rejects. */
  load(): Promise<void>;
}

/** The larger of the count and a third of the characters: tokenisers of other vendors may need more than ours. */
export const mostTokens = (text: string, counter: TokenCounter): number =>
  Math.max(counter.count(text), Math.ceil(text.length / 3));

/** The most tokens that a request with these messages can have. */
export const mostPromptTokens = (messages: readonly Message[], counter: TokenCounter): number =>
  messages.reduce((sum, message) => sum + mostTokens(message.content, counter) + thoughtTokens(message) + 4, 3);

/** What is sent of a model's earlier thinking counts for as much as it took. */
const thoughtTokens = ({ reasoning }: Message): number => reasoning?.tokens ?? 0;

/** The most that a reply's form adds to a request, where the server bills it with the prompt. */
export function schemaTokens({ schema }: ReplySchema): number {
  const known = schemaSizes.get(schema) ?? Math.ceil(JSON.stringify(schema).length / 3);
  schemaSizes.set(schema, known);
  return known;
}

/** A run has the same form for all its replies. */
const schemaSizes = new WeakMap<ReplySchema["schema"], number>();

type CountTokens = (text: string) => number;

/** The tokeniser's time grows with the square of a run of characters without a break, so longer runs are cut here. */
const longestRun = 1000;

/** Of so many words the tokeniser keeps what they come to. Each may keep the whole text in memory that it was a part of. */
const keptMerges = 2_000;

/** Estimates of texts that are asked about again: a context is looked at several times in a step. */
const rememberedEstimate = keepResults(estimateTokens);

/** A counter for one encoding. It loads nothing until `load` is called. */
export function createTokenCounter({ encoding }: { encoding: TokenEncoding }): TokenCounter {
  let exactly: CountTokens | undefined;
  let counted = rememberedEstimate;
  let loading: Promise<void> | undefined;
  const load = async () => {
    try {
      const { countTokens, setMergeCacheSize } = await tokenizers[encoding]();
      setMergeCacheSize(keptMerges);
      const countRun: CountTokens = (run) => countTokens(run, { disallowedSpecial: new Set() });
      exactly = (text) => countInRuns(text, countRun);
      counted = keepResults(exactly);
    } catch {
      // Without a tokeniser the run goes on with estimates.
    }
  };
  return {
    ...countingWith((text) => counted(text)),
    encoding,
    fittingLength: (text, maxTokens) => fittingLength(text, maxTokens, exactly ?? estimateTokens),
    get exact() {
      return exactly !== undefined;
    },
    load: () => (loading ??= load()),
  };
}

function countingWith(count: CountTokens): Pick<TokenCounter, "count" | "messageTokens"> {
  return {
    count,
    messageTokens: (messages) =>
      messages.reduce((sum, message) => sum + count(message.content) + thoughtTokens(message) + 4, 3),
  };
}

/** Counts by the estimate alone: what fits by it fits, and says so without a tokeniser. */
export const roughCounter: TokenCounter = {
  ...countingWith(rememberedEstimate),
  fittingLength: (text, maxTokens) => fittingLength(text, maxTokens, estimateTokens),
  exact: false,
  load: () => Promise.resolve(),
};

/** What counts this text against a limit: the estimate where it fits by that, else the counter, with its tokeniser. */
export async function counterNear(most: number, text: string, counter: TokenCounter): Promise<TokenCounter> {
  if (roughCounter.count(text) <= most) return roughCounter;
  await counter.load();
  return counter;
}

const tokenizers = {
  o200k_base: () => import("gpt-tokenizer/encoding/o200k_base"),
  cl100k_base: () => import("gpt-tokenizer/encoding/cl100k_base"),
} as const;

/** Sums the counts of pieces, cut so that no run of white space or of other characters is longer than `longestRun`. */
function countInRuns(text: string, count: CountTokens): number {
  if (!hasLongRun(text)) return safely(count, text);
  let total = 0;
  let start = 0;
  let run = 0;
  let inSpace = false;
  for (let index = 0; index < text.length; index++) {
    const space = isSpace(text.charCodeAt(index));
    run = space === inSpace ? run + 1 : 1;
    inSpace = space;
    if (run <= longestRun || splitsPair(text, index)) continue;
    total += safely(count, text.slice(start, index));
    start = index;
    run = 1;
  }
  return total + safely(count, start === 0 ? text : text.slice(start));
}

/** Whether a run is longer than `longestRun`. Such a one has a place that is a multiple of it, and only around these is looked. */
function hasLongRun(text: string): boolean {
  for (let place = 0; place < text.length; place += longestRun) {
    const inSpace = isSpace(text.charCodeAt(place));
    const goesOn = (at: number): boolean => at >= 0 && at < text.length && isSpace(text.charCodeAt(at)) === inSpace;
    let [start, end] = [place, place + 1];
    while (end - start <= longestRun && goesOn(start - 1)) start -= 1;
    while (end - start <= longestRun && goesOn(end)) end += 1;
    if (end - start > longestRun) return true;
  }
  return false;
}

function safely(count: CountTokens, text: string): number {
  try {
    return count(text);
  } catch {
    return estimateTokens(text);
  }
}

const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x3000;

/** Counts piece by piece from the start, so that a long rest that does not fit costs nothing. */
function fittingLength(text: string, maxTokens: number, count: CountTokens): number {
  const piece = 2000;
  let fits = 0;
  let used = 0;
  while (fits < text.length) {
    const end = wholeEnd(text, fits + piece);
    const tokens = count(text.slice(fits, end));
    if (used + tokens > maxTokens) break;
    used += tokens;
    fits = end;
  }
  if (fits < text.length) fits += fittingInPiece(text.slice(fits, fits + piece), maxTokens - used, count);
  // The sum of the pieces may be a token off, so the whole is counted in the end.
  for (let total = count(text.slice(0, fits)); total > maxTokens && fits > 0; total = count(text.slice(0, fits))) {
    fits = wholeEnd(text, Math.max(0, Math.min(fits - 2, Math.floor((fits * maxTokens) / total))));
  }
  return fits;
}

/** The length of the longest start of a piece that fits, by bisection. */
function fittingInPiece(piece: string, maxTokens: number, count: CountTokens): number {
  let fits = 0;
  let tooLong = piece.length + 1;
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (count(piece.slice(0, middle)) <= maxTokens) fits = middle;
    else tooLong = middle;
  }
  return wholeEnd(piece, fits);
}
