/** The day Google ends its interface. */
const googleEnds = "2027-01-01";

export const providerNames = ["google", "brave", "searxng", "tavily", "duckduckgo"] as const;
export type ProviderName = (typeof providerNames)[number];

/** What the user configured. Addresses are without a slash at the end. */
export type SearchSettings = {
  /** Only these, in this order; undefined: all that are configured, in the usual order. */
  only: readonly ProviderName[] | undefined;
  google: { key: string | undefined; engine: string | undefined; baseUrl: string };
  brave: { key: string | undefined; baseUrl: string };
  searxng: { baseUrl: string | undefined };
  tavily: { key: string | undefined; baseUrl: string };
  duckduckgo: { baseUrl: string; spacingMs: number };
};

export type ProviderState = { name: ProviderName; ready: boolean; text: string };

/** The settings that a provider lacks. */
export function missing(settings: SearchSettings, name: ProviderName): string[] {
  const needed: Record<ProviderName, readonly [setting: string, value: string | undefined][]> = {
    google: [
      ["GOOGLE_API_KEY", settings.google.key],
      ["CUSTOM_SEARCH_ENGINE_ID", settings.google.engine],
    ],
    brave: [["BRAVE_API_KEY", settings.brave.key]],
    searxng: [["SEARXNG_URL", settings.searxng.baseUrl]],
    tavily: [["TAVILY_API_KEY", settings.tavily.key]],
    duckduckgo: [],
  };
  return needed[name].flatMap(([setting, value]) => (value === undefined ? [setting] : []));
}

const remarks: Partial<Record<ProviderName, string>> = {
  google: `Google ends this interface on ${googleEnds}`,
  duckduckgo: "best effort: a page for people, which throttles programs",
};

/** Which providers are ready and what the others lack; asks none of them. */
export const describeSearch = (settings: SearchSettings): ProviderState[] =>
  (settings.only ?? providerNames).map((name) => {
    const lacking = missing(settings, name);
    const remark = remarks[name] === undefined ? "" : `; ${remarks[name]}`;
    const text = lacking.length === 0 ? `ready${remark}` : `not configured: ${lacking.join(" and ")} missing${remark}`;
    return { name, ready: lacking.length === 0, text };
  });
