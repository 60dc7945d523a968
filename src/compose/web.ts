import type { Proxies } from "../base/proxies.js";
import { SettingsError } from "../errors.js";
import { bareEnvironment } from "../settings/environment/bare-environment.js";
import { searchEngines, type EngineKeys } from "../settings/declared/search.js";
import { proxiesOf } from "../settings/proxies.js";
import { environmentName, type Settings } from "../settings/schema.js";
import type { ChatModel } from "../model/model.js";
import type { TokenCounter } from "../model/tokens.js";
import { missing, type EngineSetting, type SearchSettings } from "../web/search/search-settings.js";
import { createSummarizer, type Summarize } from "../web/summarize.js";
import type { Web, WebOptions } from "../web/web.js";

const connectMs = 10_000;
/** The least time between two requests to DuckDuckGo's page, which is made for people: about as fast as one reads. */
const spacingMs = 2_000;
/** What a request for a summary has besides the text, its answer included. */
const summaryOverhead = 1_500;
const leastChunkTokens = 300;

/** The web of a run, loaded when it is first used. Throws SettingsError for a search engine that is asked for and not configured. */
export function createRunWeb(settings: Settings): Web {
  const options = webOptions(settings);
  for (const name of options.search.only ?? []) {
    const lacking = missing(options.search, name);
    if (lacking.length === 0) continue;
    throw new SettingsError(
      `SEARCH_PROVIDER names ${name}, which needs ${lacking.join(" and ")}: set it, or leave ${name} out.`,
    );
  }
  let opened: Promise<Web> | undefined;
  const open = (): Promise<Web> => (opened ??= import("../web/web.js").then(({ createWeb }) => createWeb(options)));
  return {
    search: async (query, signal) => (await open()).search(query, signal),
    readPage: async (address, ...rest) => (await open()).readPage(address, ...rest),
    download: async (address, save, ...rest) => (await open()).download(address, save, ...rest),
    request: async (address, limitMs, signal) => (await open()).request(address, limitMs, signal),
    close: async () => (await opened)?.close(),
  };
}

/** Who summarizes pages: parts of the text are as long as the setting says, or as the model's context has room for. */
export const createRunSummarizer = (
  { model, counter, contextTokens }: { model: ChatModel; counter: TokenCounter; contextTokens: number },
  { browseChunkTokens }: Settings,
): Summarize =>
  createSummarizer({
    model,
    counter,
    chunkTokens: Math.min(browseChunkTokens, Math.max(leastChunkTokens, contextTokens - summaryOverhead)),
  });

/** Pages are read through HTTP proxies alone: they are told addresses that were checked. */
function webProxies(settings: Settings): Proxies {
  const { all, ...others } = proxiesOf(settings);
  return all !== undefined && /^https?:/i.test(all) ? { ...others, all } : others;
}

export function webOptions(settings: Settings): WebOptions {
  const environment = bareEnvironment();
  return {
    guard: {
      allowedHosts: settings.allowedPrivateHosts ?? [],
      dnsServer: settings.dnsServer,
      proxies: webProxies(settings),
      connectMs,
    },
    userAgent: settings.userAgent,
    timeoutMs: settings.browseTimeout * 1000,
    useBrowser: settings.browser,
    browserChoice: { name: settings.browserName, path: settings.browserPath, searchPath: environment["PATH"] ?? "" },
    headless: settings.headlessBrowser,
    environment,
    mostDownloadBytes: settings.maxDownloadMb * (1 << 20),
    search: searchSettingsOf(settings),
  };
}

function searchSettingsOf(settings: Settings): SearchSettings {
  const told = (key: EngineKeys["address"]): EngineSetting => ({ name: environmentName(key), value: settings[key] });
  const engines = Object.entries<EngineKeys>(searchEngines).map(([name, { key, engine, address }]) => [
    name,
    { ...(key && { key: told(key) }), ...(engine && { engine: told(engine) }), address: told(address) },
  ]);
  return { only: settings.searchProvider, engines: Object.fromEntries(engines), spacingMs };
}
