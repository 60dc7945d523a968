import { createBrave } from "./brave.js";
import { createDuckDuckGo } from "./duckduckgo.js";
import { createGoogle } from "./google.js";
import type { SearchProvider } from "./provider.js";
import { createSearxng } from "./searxng.js";
import type { ServiceOptions } from "./service.js";
import { createTavily } from "./tavily.js";
import { missing, providerNames, type ProviderName, type SearchSettings } from "./search-settings.js";

/** The providers that can be asked, in the order in which they are. */
export function createProviders(settings: SearchSettings, options: ServiceOptions): SearchProvider[] {
  const backends: Record<ProviderName, () => SearchProvider> = {
    google: () => createGoogle({ ...filled(settings.google), timeoutMs: options.timeoutMs }),
    brave: () => createBrave(settings.brave.key ?? "", settings.brave.baseUrl, options),
    searxng: () => createSearxng(settings.searxng.baseUrl ?? "", options),
    tavily: () => createTavily(settings.tavily.key ?? "", settings.tavily.baseUrl, options),
    duckduckgo: () =>
      createDuckDuckGo(settings.duckduckgo.baseUrl, { ...options, spacingMs: settings.duckduckgo.spacingMs }),
  };
  const order = settings.only ?? providerNames;
  return order.filter((name) => missing(settings, name).length === 0).map((name) => backends[name]());
}

const filled = ({ key = "", engine = "", baseUrl }: SearchSettings["google"]) => ({ key, engine, baseUrl });
