import { createBrave } from "./brave.js";
import { createDuckDuckGo } from "./duckduckgo.js";
import { createGoogle, googleEnds } from "./google.js";
import type { SearchProvider } from "./provider.js";
import { createSearxng } from "./searxng.js";
import type { ServiceOptions } from "./service.js";
import { createTavily } from "./tavily.js";

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

/** The providers that can be asked, in the order in which they are. */
export function createProviders(settings: SearchSettings, options: ServiceOptions): SearchProvider[] {
  const makers: Record<ProviderName, () => SearchProvider> = {
    google: () => createGoogle({ ...filled(settings.google), timeoutMs: options.timeoutMs }),
    brave: () => createBrave(settings.brave.key ?? "", settings.brave.baseUrl, options),
    searxng: () => createSearxng(settings.searxng.baseUrl ?? "", options),
    tavily: () => createTavily(settings.tavily.key ?? "", settings.tavily.baseUrl, options),
    duckduckgo: () =>
      createDuckDuckGo(settings.duckduckgo.baseUrl, { ...options, spacingMs: settings.duckduckgo.spacingMs }),
  };
  const order = settings.only ?? providerNames;
  return order.filter((name) => missing(settings, name).length === 0).map((name) => makers[name]());
}

const filled = ({ key = "", engine = "", baseUrl }: SearchSettings["google"]) => ({ key, engine, baseUrl });

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
