import type * as z from "zod";
import { guardedFetch, type Fetched } from "../fetch/guarded-fetch.js";
import { collected } from "../fetch/unpacked.js";
import { createGuard, portOf, type GuardOptions } from "../guard/guard.js";
import { cleanLine } from "../../base/text.js";
import { shownUrl, WebError } from "../web-error.js";
import { Throttled, type SearchResult } from "./provider.js";

/** Asks one service whose address the user configured: that host is allowed, and nothing that it redirects to. */
export type Service = {
  /** The body of an answer with status 200. Throws Throttled for 202, 403 and 429, WebError for every other. */
  ask(url: URL, request: ServiceRequest, signal: AbortSignal): Promise<string>;
};
export type ServiceRequest = {
  method?: "GET" | "POST";
  headers?: Readonly<Record<string, string>>;
  body?: string;
  accept?: string;
  userAgent?: string;
  /** What a status of 403 may mean besides throttling. */
  hint403?: string;
};
export type ServiceOptions = { guard: Omit<GuardOptions, "allowedHosts">; userAgent: string; timeoutMs: number };

const mostBytes = 3 << 20;
/** The wait where the service does not say how long. */
const usualWaitMs = 60_000;
const longestWaitMs = 24 * 3600_000;

export function createService(name: string, baseUrl: string, options: ServiceOptions): Service {
  const base = new URL(baseUrl);
  const guard = createGuard({ ...options.guard, allowedHosts: [`${base.hostname}:${portOf(base)}`] });
  return {
    async ask(url, { hint403 = "", accept = "application/json", userAgent = options.userAgent, ...request }, signal) {
      const limits = { timeoutMs: options.timeoutMs, mostBytes, signal };
      return guardedFetch(guard, url, { ...request, accept, userAgent, ...limits }, async (answer) => {
        const { status } = answer;
        const body = (await collected(answer.body)).toString("utf8");
        if (status === 200) return body;
        if (status === 202 || status === 403 || status === 429)
          throw throttled(name, answer, status === 403 ? hint403 : "");
        throw new WebError("http-status", `${name} answers with status ${status} (${shownUrl(url)}).${said(body)}`, {
          status,
        });
      });
    },
  };
}

function throttled(name: string, answer: Fetched, hint: string): Throttled {
  const waitMs = askedWait(answer) ?? usualWaitMs;
  return new Throttled(`${name} answers with status ${answer.status}${hint === "" ? "" : ` (${hint})`}`, waitMs);
}

/** Retry-After in seconds or as a date, which is compared with the server's own; Brave's X-RateLimit-Reset, seconds for each of its limits. */
function askedWait({ header }: Fetched): number | null {
  const after = header("retry-after").trim();
  const reset = /^\d+/.exec(header("x-ratelimit-reset").trim())?.[0];
  const seconds = /^\d+$/.test(after) ? after : reset;
  const ms =
    seconds !== undefined ? Number(seconds) * 1000 : Date.parse(after) - (Date.parse(header("date")) || Date.now());
  return Number.isNaN(ms) ? null : Math.min(longestWaitMs, Math.max(1000, ms));
}

function said(body: string): string {
  const line = cleanLine(body.replace(/<[^>]{0,500}>/g, " "), 200);
  return line === "" ? "" : ` It says: ${JSON.stringify(line)}`;
}

/** The body as JSON of this shape. Throws WebError where it is none. */
export function parseAnswer<Answer>(name: string, body: string, shape: z.ZodType<Answer>): Answer {
  try {
    return shape.parse(JSON.parse(body));
  } catch (cause) {
    throw new WebError(
      "unreadable",
      `${name} sent something that is not a list of search results. Check its address.`,
      {
        cause,
      },
    );
  }
}

/** A result as the model gets it: one line each, without marks such as <strong>. */
export const cleanResult = (title: string, href: string, body: string): SearchResult => ({
  title: cleanLine(withoutMarks(title), 200),
  href: cleanLine(href, 2_000),
  body: cleanLine(withoutMarks(body), 500),
});

const entities: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["#x27", "'"],
  ["#39", "'"],
  ["nbsp", " "],
]);

const withoutMarks = (text: string): string =>
  text
    .replace(/<\/?[a-z][^>]{0,200}>/gi, "")
    .replace(/&(#?\w{1,6});/g, (whole, name: string) => entities.get(name) ?? whole);
