import type { Message } from "../../../../src/model/model.js";
import { tokensOf } from "./fake-bill.js";

type Part = { type: string; text: string; prompt_cache_breakpoint?: { mode: string } };
/** A message as a client sends it. */
export type SentMessage = { role: Message["role"]; content: string | readonly Part[] };

export const textOf = ({ content }: SentMessage): string =>
  typeof content === "string" ? content : content.map(({ text }) => text).join("");

export type CachedRequest = {
  model: string;
  sent: readonly SentMessage[];
  prompt_cache_key?: unknown;
  prompt_cache_options?: unknown;
};

/** What one request finds in the cache and what it writes there, in tokens. */
export type CacheUse = { cached: number; written: number };
export type PromptCache = { use(request: CachedRequest): CacheUse };

const shortestPrefix = 1024;
const matchedMarks = 80;
const writtenMarks = 4;

/**
 * The cache of OpenAI's service from gpt-5.6 on: a prefix is found only where it ends at a breakpoint, exactly as it was
 * sent, under the same key, and within its time since it was last used. In implicit mode one breakpoint stands at the
 * end of the latest user message; at most four are written for a request, those at its end.
 */
export function createPromptCache({ now = Date.now, lifeMs = 30 * 60_000 } = {}): PromptCache {
  const used = new Map<string, number>();
  return {
    use(request) {
      const key = typeof request.prompt_cache_key === "string" ? request.prompt_cache_key : undefined;
      const ends = breakpoints(request).filter(({ tokens }) => tokens >= shortestPrefix);
      const name = ({ prefix }: Breakpoint): string => JSON.stringify([request.model, key, prefix]);
      // Without a key the service finds a prompt again by chance alone.
      const isKept = (end: Breakpoint): boolean =>
        key !== undefined && now() - (used.get(name(end)) ?? -Infinity) < lifeMs;
      const found = ends.slice(-matchedMarks).findLast(isKept);
      const behind = ends.filter(({ tokens }) => tokens > (found?.tokens ?? 0)).slice(-writtenMarks);
      for (const end of found ? [found, ...behind] : behind) used.set(name(end), now());
      const cached = found?.tokens ?? 0;
      return { cached, written: (behind.at(-1)?.tokens ?? cached) - cached };
    },
  };
}

type Breakpoint = { prefix: string; tokens: number };

function breakpoints({ sent, prompt_cache_options: options }: CachedRequest): Breakpoint[] {
  const explicit = (options as { mode?: string } | undefined)?.mode === "explicit";
  const latest = explicit ? -1 : sent.findLastIndex(({ role }) => role === "user");
  let prefix = "";
  let tokens = 0;
  return sent.flatMap((message, index) => {
    // The form of a content is a part of the prefix, its marks are none.
    prefix += JSON.stringify([message.role, withoutMarks(message)]);
    tokens += tokensOf(textOf(message)) + 4;
    const marked = message.role !== "assistant" && isMarked(message);
    return marked || index === latest ? [{ prefix, tokens }] : [];
  });
}

const withoutMarks = ({ content }: SentMessage): unknown =>
  typeof content === "string" ? content : content.map(({ type, text }) => [type, text]);

const isMarked = ({ content }: SentMessage): boolean =>
  typeof content !== "string" && content.at(-1)?.prompt_cache_breakpoint?.mode === "explicit";
