/** One answer of a search engine. */
export type SearchResult = { title: string; href: string; body: string };

/** A search engine that is configured. */
export interface SearchProvider {
  readonly name: string;
  /** Answers are links alone, as the original's official Google search gave them. */
  readonly linksOnly?: boolean;
  /** Up to `count` answers; none means that there are none. Throws Throttled, or WebError for whatever else failed. */
  search(query: string, count: number, signal: AbortSignal): Promise<SearchResult[]>;
}

/** A search engine takes no more requests for now: that is no answer, and least of all "no results". */
export class Throttled extends Error {
  /** How long to leave it alone, in milliseconds. */
  readonly waitMs: number;
  constructor(message: string, waitMs: number) {
    super(message);
    this.name = "Throttled";
    this.waitMs = waitMs;
  }
}
