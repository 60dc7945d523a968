import { monotonicMs } from "../../base/stopwatch.js";
import { messageOf } from "../../errors.js";
import { WebError } from "../web-error.js";
import { Throttled, type SearchProvider, type SearchResult } from "./provider.js";

/** Results, and the engine they come from. `linksOnly`: only the links are to be shown. */
export type SearchAnswer = { provider: string; linksOnly: boolean; results: SearchResult[] };
export type WebSearch = (query: string, signal: AbortSignal) => Promise<SearchAnswer>;

const count = 8;

/**
 * Makes the function that searches: it asks the providers in order until one answers, and leaves one that throttled
 * alone for as long as it asked. Answers are kept for the run. Throws WebError, which says of each provider what it did.
 */
export function createSearch(providers: readonly SearchProvider[]): WebSearch {
  const answers = new Map<string, SearchAnswer>();
  const until = new Map<SearchProvider, { at: number; why: string }>();
  return async (query, signal) => {
    const asked = query.trim().replace(/\s+/g, " ");
    if (asked === "") throw new WebError("bad-url", "there is nothing to search for: the input is empty.");
    const known = answers.get(asked);
    if (known) return known;
    const problems: string[] = [];
    for (const provider of providers) {
      const paused = until.get(provider);
      if (paused && paused.at > monotonicMs()) {
        problems.push(throttling(paused.why, paused.at - monotonicMs()));
        continue;
      }
      try {
        const results = (await provider.search(asked, count, signal)).slice(0, count);
        const answer = { provider: provider.name, linksOnly: provider.linksOnly ?? false, results };
        answers.set(asked, answer);
        return answer;
      } catch (thrown) {
        signal.throwIfAborted();
        if (thrown instanceof Throttled)
          until.set(provider, { at: monotonicMs() + thrown.waitMs, why: thrown.message });
        problems.push(thrown instanceof Throttled ? throttling(thrown.message, thrown.waitMs) : messageOf(thrown));
      }
    }
    throw new WebError(
      "not-available",
      `nothing could be searched, which does not mean that there are no results. ${problems.join(" ")} ` +
        "Go on without a search for now, or browse a site that you know.",
    );
  };
}

const throttling = (why: string, waitMs: number): string =>
  `${why}: it is throttling, try again in ${Math.max(1, Math.round(waitMs / 1000))} seconds.`;
