import * as z from "zod";
import type { Engine } from "../engine.js";
import { cleanResult, createService, parseAnswer } from "../service.js";

const text = z.string().catch("");
const answer = z.object({ results: z.array(z.object({ title: text, url: z.string(), content: text })) });

/** An instance of SearXNG that answers in JSON, which its settings have to allow. */
export const searxng: Engine = {
  name: "searxng",
  open({ address, ...options }) {
    const service = createService("SearXNG", address, options);
    return async (query, count, signal) => {
      const url = new URL(`${address}/search`);
      url.searchParams.set("q", query);
      url.searchParams.set("format", "json");
      const hint403 = "its limiter, or json is missing in search.formats of its settings.yml";
      const { results } = parseAnswer("SearXNG", await service.ask(url, { hint403 }, signal), answer);
      return results.slice(0, count).map((one) => cleanResult(one.title, one.url, one.content));
    };
  },
};
