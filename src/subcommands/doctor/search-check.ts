import { webOptions } from "../../compose/web.js";
import { describeSearch } from "../../web/search/search-settings.js";
import type { DoctorCheck } from "./check.js";

/** The page that needs no key throttles programs, and Google ends its interface. */
const unreliable = new Set(["duckduckgo", "google"]);

/** Which search engines are configured. None of them is asked. */
export const searchCheck: DoctorCheck = {
  id: "search",
  look({ settings }) {
    const states = describeSearch(webOptions(settings).search);
    const found = states.map(({ name, text }) => `${name}: ${text}`).join("; ");
    const ready = states.filter(({ ready }) => ready).map(({ name }) => name);
    if (states.length > ready.length && settings.searchProvider !== undefined) {
      const advice = "SEARCH_PROVIDER names an engine that is not configured: set what is missing, or leave it out.";
      return Promise.resolve({ state: "fail", found, advice });
    }
    if (ready.some((name) => !unreliable.has(name))) return Promise.resolve({ state: "ok", found });
    const advice = "Searching will stop working soon or often: set BRAVE_API_KEY, TAVILY_API_KEY or SEARXNG_URL.";
    return Promise.resolve({ state: "warn", found, advice });
  },
};
