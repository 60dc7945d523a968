import { webOptions } from "../../compose/web.js";
import { allEngines, describeSearch } from "../../web/search/engines.js";
import type { DoctorCheck } from "./check.js";

/** Which search engines are configured. None of them is asked. */
export const searchCheck: DoctorCheck = {
  id: "search",
  look({ settings }) {
    const { search } = webOptions(settings);
    const states = describeSearch(search);
    const found = states.map(({ name, text }) => `${name}: ${text}`).join("; ");
    const ready = states.filter(({ lacks }) => lacks.length === 0);
    if (states.length > ready.length && settings.searchProvider !== undefined) {
      const advice = "SEARCH_PROVIDER names an engine that is not configured: set what is missing, or leave it out.";
      return Promise.resolve({ state: "fail", found, advice });
    }
    if (ready.some(({ caveat }) => caveat === undefined)) return Promise.resolve({ state: "ok", found });
    const dependable = allEngines.filter(({ caveat }) => caveat === undefined);
    const wanted = dependable.map(({ name }) => (search.engines[name]?.key ?? search.engines[name]?.address)?.name);
    const advice = `Searches may soon be refused for a while: set ${wanted.slice(0, -1).join(", ")} or ${wanted.at(-1)}.`;
    return Promise.resolve({ state: "warn", found, advice });
  },
};
