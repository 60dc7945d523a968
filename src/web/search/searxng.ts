import * as z from "zod";
import type { SearchProvider } from "./provider.js";
import { cleanResult, createService, parseAnswer, type ServiceOptions } from "./service.js";

const text = z.string().catch("");
const answer = z.object({ results: z.array(z.object({ title: text, url: z.string(), content: text })) });

/** An instance of SearXNG that answers in JSON, which its settings have to allow. */
export function createSearxng(baseUrl: string, options: ServiceOptions): SearchProvider {
  const service = createService("SearXNG", baseUrl, options);
  return {
    name: "searxng",
    async search(query, count, signal) {
      const url = new URL(`${baseUrl}/search`);
      url.searchParams.set("q", query);
      url.searchParams.set("format", "json");
      const hint403 = "its limiter, or json is missing in search.formats of its settings.yml";
      const { results } = parseAnswer("SearXNG", await service.ask(url, { hint403 }, signal), answer);
      return results.slice(0, count).map((one) => cleanResult(one.title, one.url, one.content));
    },
  };
}
