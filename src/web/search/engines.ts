import type { Engine } from "./engine.js";
import { brave } from "./engines/brave.js";
import { duckduckgo } from "./engines/duckduckgo.js";
import { google } from "./engines/google.js";
import { searxng } from "./engines/searxng.js";
import { tavily } from "./engines/tavily.js";
import type { SearchProvider } from "./provider.js";
import { askedEngines, missing, type SearchSettings } from "./search-settings.js";
import type { ServiceOptions } from "./service.js";

/** Every search engine. A new one is one file, one line here, and its settings in `src/settings/declared/search.ts`. */
export const allEngines: readonly Engine[] = [google, brave, searxng, tavily, duckduckgo];

/** The engines that can be asked, in the order in which they are asked. */
export const createProviders = (settings: SearchSettings, options: ServiceOptions): SearchProvider[] =>
  askedEngines(settings)
    .filter((name) => missing(settings, name).length === 0)
    .map((name) => {
      const { linksOnly = false, open } = engineNamed(name);
      const { key, engine, address } = settings.engines[name] ?? {};
      const given = { key: key?.value ?? "", engine: engine?.value ?? "", address: address?.value ?? "" };
      return { name, linksOnly, search: open({ ...options, ...given, spacingMs: settings.spacingMs }) };
    });

/** `settings`: the names of the settings that it lacks. `caveat`: why it should not be the only engine. */
export type EngineState = { name: string; lacks: readonly string[]; caveat: string | undefined; text: string };

/** Which engines are ready and what the others lack; asks none of them. */
export const describeSearch = (settings: SearchSettings): EngineState[] =>
  askedEngines(settings).map((name) => {
    const lacks = missing(settings, name);
    const { caveat } = engineNamed(name);
    const state = lacks.length === 0 ? "ready" : `not configured: ${lacks.join(" and ")} missing`;
    return { name, lacks, caveat, text: caveat === undefined ? state : `${state}; ${caveat}` };
  });

function engineNamed(name: string): Engine {
  const engine = allEngines.find((each) => each.name === name);
  if (engine === undefined) throw new Error(`There is no search engine ${name} in src/web/search/engines.ts.`);
  return engine;
}
