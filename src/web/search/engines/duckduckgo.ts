import type { CheerioAPI } from "cheerio/slim";
import { sleep } from "../../../base/abort.js";
import { monotonicMs } from "../../../base/stopwatch.js";
import { WebError } from "../../web-error.js";
import type { Engine } from "../engine.js";
import { Throttled, type SearchResult } from "../provider.js";
import { cleanResult, createService } from "../service.js";

/** The page answers programs only when they look like a browser that was sent here by a person. */
const headers = {
  "sec-fetch-dest": "document",
  "sec-fetch-mode": "navigate",
  "sec-fetch-site": "none",
  "sec-fetch-user": "?1",
  "upgrade-insecure-requests": "1",
};
const browserAgent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const challengeWaitMs = 120_000;

/** DuckDuckGo's page for browsers without scripts: no API, so it is asked one request at a time and may stop working. */
export const duckduckgo: Engine = {
  name: "duckduckgo",
  caveat: "best effort: its page is made for people, and slows programs down",
  open({ address, spacingMs, ...options }) {
    const service = createService("DuckDuckGo", address, options);
    let nextAt = 0;
    return async (query, count, signal) => {
      const now = monotonicMs();
      const wait = Math.max(0, nextAt - now);
      nextAt = now + wait + spacingMs;
      await sleep(wait, signal);
      const url = new URL(`${address}/html/`);
      url.searchParams.set("q", query);
      const html = await service.ask(url, { headers, accept, userAgent: browserAgent }, signal);
      const { load } = await import("cheerio/slim");
      return resultsOf(load(html), url).slice(0, count);
    };
  },
};

function resultsOf(page: CheerioAPI, url: URL): SearchResult[] {
  if (page(".anomaly-modal__mask, .anomaly-modal__modal, #challenge-form, [name=challenge]").length > 0) {
    throw new Throttled("DuckDuckGo shows a challenge for people", challengeWaitMs);
  }
  const results = page(".result")
    .not(".result--ad, .result--no-result")
    .toArray()
    .flatMap((one) => {
      const link = page(one).find("a.result__a").first();
      const href = targetOf(link.attr("href") ?? "", url);
      return href === null ? [] : [cleanResult(link.text(), href, page(one).find(".result__snippet").first().text())];
    });
  if (results.length === 0 && page(".no-results, .result--no-result").length === 0) {
    throw new WebError(
      "unreadable",
      "DuckDuckGo sent a page without results that can be told apart; it may have changed.",
    );
  }
  return results;
}

/** Links lead over DuckDuckGo's own address, which names the real one; advertisements lead elsewhere. */
function targetOf(href: string, base: URL): string | null {
  if (href === "" || !URL.canParse(href, base.href)) return null;
  const url = new URL(href, base.href);
  if (url.pathname === "/y.js") return null;
  const target = url.pathname.startsWith("/l/") ? url.searchParams.get("uddg") : url.href;
  return target !== null && /^https?:\/\//i.test(target) ? target : null;
}
