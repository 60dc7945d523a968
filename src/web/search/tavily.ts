import * as z from "zod";
import type { SearchProvider } from "./provider.js";
import { cleanResult, createService, parseAnswer, type ServiceOptions } from "./service.js";

const text = z.string().catch("");
const answer = z.object({ results: z.array(z.object({ title: text, url: z.string(), content: text })) });

/** Tavily's search API, as its documentation described it in November 2026. */
export function createTavily(key: string, baseUrl: string, options: ServiceOptions): SearchProvider {
  const service = createService("Tavily", baseUrl, options);
  return {
    name: "tavily",
    async search(query, count, signal) {
      const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
      const order = JSON.stringify({ query, max_results: count, search_depth: "basic" });
      const body = await service.ask(new URL(`${baseUrl}/search`), { method: "POST", headers, body: order }, signal);
      const { results } = parseAnswer("Tavily", body, answer);
      return results.slice(0, count).map((one) => cleanResult(one.title, one.url, one.content));
    },
  };
}
