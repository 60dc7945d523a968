import * as z from "zod";
import type { Engine } from "../engine.js";
import { cleanResult, createService, parseAnswer } from "../service.js";

const text = z.string().catch("");
const answer = z.object({ results: z.array(z.object({ title: text, url: z.string(), content: text })) });

/** Tavily's search API, as its documentation described it in November 2026. */
export const tavily: Engine = {
  name: "tavily",
  open({ key, address, ...options }) {
    const service = createService("Tavily", address, options);
    return async (query, count, signal) => {
      const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
      const order = JSON.stringify({ query, max_results: count, search_depth: "basic" });
      const body = await service.ask(new URL(`${address}/search`), { method: "POST", headers, body: order }, signal);
      const { results } = parseAnswer("Tavily", body, answer);
      return results.slice(0, count).map((one) => cleanResult(one.title, one.url, one.content));
    };
  },
};
