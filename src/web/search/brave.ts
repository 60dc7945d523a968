import * as z from "zod";
import type { SearchProvider } from "./provider.js";
import { cleanResult, createService, parseAnswer, type ServiceOptions } from "./service.js";

const text = z.string().catch("");
const answer = z.object({
  web: z.object({ results: z.array(z.object({ title: text, url: z.string(), description: text })) }).optional(),
});

/** Brave's search API, as its documentation described it in November 2026. */
export function createBrave(key: string, baseUrl: string, options: ServiceOptions): SearchProvider {
  const service = createService("Brave", baseUrl, options);
  return {
    name: "brave",
    async search(query, count, signal) {
      const url = new URL(`${baseUrl}/res/v1/web/search`);
      url.searchParams.set("q", query);
      url.searchParams.set("count", String(count));
      const body = await service.ask(url, { headers: { "x-subscription-token": key } }, signal);
      const { web } = parseAnswer("Brave", body, answer);
      return (web?.results ?? []).slice(0, count).map((one) => cleanResult(one.title, one.url, one.description));
    },
  };
}
