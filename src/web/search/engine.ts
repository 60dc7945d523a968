import type { SearchProvider } from "./provider.js";
import type { ServiceOptions } from "./service.js";

/** What an engine is asked with: the values of its settings ("" for one that it has not), and how requests are made. */
export type EngineOptions = ServiceOptions & {
  key: string;
  /** The id of one of Google's engines. */
  engine: string;
  /** Without a slash at the end. */
  address: string;
  /** The least time between two requests to a page that is made for people, in milliseconds. */
  spacingMs: number;
};

/** A search engine. Its settings are declared under the same name in `src/settings/declared/search.ts`. */
export type Engine = Pick<SearchProvider, "name" | "linksOnly"> & {
  /** Why it should not be the only engine. */
  caveat?: string;
  /** Makes the function that asks the engine. Connects nothing. */
  open(options: EngineOptions): SearchProvider["search"];
};
