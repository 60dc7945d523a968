/** One result of a search. */
export type SearchResult = { title: string; href: string; body: string };

/** A search engine that is configured. */
export interface SearchProvider {
  readonly name: string;
  /** Only links are shown, as by the original's Google search. */
  readonly linksOnly?: boolean;
  /** Up to `count` results; an empty list means that nothing was found. Throws Throttled, or WebError for other failures. */
  search(query: string, count: number, signal: AbortSignal): Promise<SearchResult[]>;
}

/** A search engine takes no more requests for now. That is an error, so that it never passes for "no results". */
export class Throttled extends Error {
  /** How long to leave it alone, in milliseconds. */
  readonly waitMs: number;
  constructor(message: string, waitMs: number) {
    super(message);
    this.name = "Throttled";
    this.waitMs = waitMs;
  }
}
