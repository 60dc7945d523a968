import * as z from "zod";
import type { Engine } from "../engine.js";
import { cleanResult, createService, parseAnswer } from "../service.js";

const text = z.string().catch("");
const answer = z.object({
  web: z.object({ results: z.array(z.object({ title: text, url: z.string(), description: text })) }).optional(),
});

/** Brave's search API, as its documentation described it in November 2026. */
export const brave: Engine = {
  name: "brave",
  open({ key, address, ...options }) {
    const service = createService("Brave", address, options);
    return async (query, count, signal) => {
      const url = new URL(`${address}/res/v1/web/search`);
      url.searchParams.set("q", query);
      url.searchParams.set("count", String(count));
      const body = await service.ask(url, { headers: { "x-subscription-token": key } }, signal);
      const { web } = parseAnswer("Brave", body, answer);
      return (web?.results ?? []).slice(0, count).map((one) => cleanResult(one.title, one.url, one.description));
    };
  },
};
