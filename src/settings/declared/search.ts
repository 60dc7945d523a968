import { setting } from "../setting.js";
import { choices, key, text, webAddress } from "../value-types.js";

const search = "Search";

const engineSettings = {
  googleApiKey: setting({
    group: search,
    environment: ["GOOGLE_API_KEY"],
    type: key(),
    secret: true,
    placeholder: "your-google-api-key",
    help: "Key for Google's Custom Search JSON API, which Google ends on 2027-01-01",
  }),
  googleEngine: setting({
    group: search,
    environment: ["CUSTOM_SEARCH_ENGINE_ID", "GOOGLE_CUSTOM_SEARCH_ENGINE_ID"],
    type: text("the id of a search engine"),
    placeholder: "your-custom-search-engine-id",
    help: "Id of the engine that Google's API searches with",
  }),
  googleBaseUrl: setting({
    group: search,
    environment: ["GOOGLE_API_BASE_URL"],
    type: webAddress(),
    default: "https://customsearch.googleapis.com",
    help: "Address of Google's API",
  }),
  braveApiKey: setting({
    group: search,
    environment: ["BRAVE_API_KEY"],
    type: key(),
    secret: true,
    placeholder: "your-brave-api-key",
    help: "Key for Brave's search API",
  }),
  braveBaseUrl: setting({
    group: search,
    environment: ["BRAVE_API_BASE_URL"],
    type: webAddress(),
    default: "https://api.search.brave.com",
    help: "Address of Brave's search API",
  }),
  searxngUrl: setting({
    group: search,
    environment: ["SEARXNG_URL"],
    type: webAddress(),
    example: "http://localhost:8888",
    help: "Address of a SearXNG instance whose settings allow the format json",
  }),
  tavilyApiKey: setting({
    group: search,
    environment: ["TAVILY_API_KEY"],
    type: key(),
    secret: true,
    placeholder: "your-tavily-api-key",
    help: "Key for Tavily's search API",
  }),
  tavilyBaseUrl: setting({
    group: search,
    environment: ["TAVILY_API_BASE_URL"],
    type: webAddress(),
    default: "https://api.tavily.com",
    help: "Address of Tavily's search API",
  }),
  duckDuckGoBaseUrl: setting({
    group: search,
    environment: ["DUCKDUCKGO_BASE_URL"],
    type: webAddress(),
    default: "https://html.duckduckgo.com",
    help: "Address of DuckDuckGo's page for browsers without scripts, which needs no key",
  }),
};

/** The search engines, in the order in which they are asked, and the settings that each needs to be used. */
export const searchEngines = {
  google: { key: "googleApiKey", engine: "googleEngine", address: "googleBaseUrl" },
  brave: { key: "braveApiKey", address: "braveBaseUrl" },
  searxng: { address: "searxngUrl" },
  tavily: { key: "tavilyApiKey", address: "tavilyBaseUrl" },
  duckduckgo: { address: "duckDuckGoBaseUrl" },
} as const satisfies Record<string, EngineKeys>;

/** What an engine may be told, and the setting that says it. */
export type EngineKeys = Partial<Record<"key" | "engine", keyof typeof engineSettings>> & {
  address: keyof typeof engineSettings;
};

type EngineName = keyof typeof searchEngines;
const engineNames = Object.keys(searchEngines) as [EngineName, ...EngineName[]];

/** Which search engines are asked, and how. */
export const searchSettings = {
  searchProvider: setting({
    group: search,
    environment: ["SEARCH_PROVIDER"],
    type: choices(...engineNames),
    example: "brave",
    help: `Search engines to ask, in this order: ${engineNames.join(", ")}; unset: all that are configured`,
  }),
  ...engineSettings,
};
