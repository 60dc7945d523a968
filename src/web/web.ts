import { decodeText } from "../base/encoding.js";
import { createBrowser } from "./browser/browser.js";
import { findBrowser, noBrowser, type BrowserChoice } from "./browser/find-browser.js";
import { createCookieJar } from "./fetch/cookies.js";
import { guardedFetch } from "./fetch/guarded-fetch.js";
import { collectedStart } from "./fetch/unpacked.js";
import { createGuard, type GuardOptions } from "./guard/guard.js";
import { createPageReader, type PageReaderOptions, type ReadPage } from "./read-page.js";
import { createProviders } from "./search/engines.js";
import type { SearchSettings } from "./search/search-settings.js";
import { createSearch, type WebSearch } from "./search/search.js";
import { charsetOf } from "./web-kind.js";
import { WebError } from "./web-error.js";

export type WebOptions = {
  guard: GuardOptions;
  userAgent: string;
  /** For one page, or one answer of a search engine. */
  timeoutMs: number;
  useBrowser: PageReaderOptions["useBrowser"];
  browserChoice: BrowserChoice;
  headless: boolean;
  /** The environment of the processes that read documents. */
  environment: Readonly<Record<string, string>>;
  /** The program of those processes; unless given, the one beside this program. */
  readerFile?: string | undefined;
  mostDownloadBytes: number;
  search: SearchSettings;
};

/** The web as commands see it. Nothing of it reaches a private network. */
export interface Web {
  search: WebSearch;
  /** With `oneSite`, no redirect to another site is followed. */
  readPage: ReadPage;
  /** Hands the bytes of a file to `save`. Throws WebError for a status that is no success, and midway for a file that is too large. */
  download<Result>(
    address: string,
    save: (bytes: AsyncIterable<Uint8Array>) => Promise<Result>,
    signal: AbortSignal,
    oneSite?: boolean,
  ): Promise<Result>;
  /** The answer to a request for an address, whatever its status; without cookies. Throws WebError where there is none. */
  request(address: string, timeoutMs: number, signal: AbortSignal): Promise<{ status: number; text: string }>;
  close(): Promise<void>;
}

const mostPageBytes = 5 << 20;
const downloadMs = 30 * 60_000;
/** How much longer a page may take in the browser, which has to start and to run scripts. */
const browserMs = 15_000;

/** The web of one run, for which cookies, answers of search engines and the browser are kept. Connects nothing yet. */
export function createWeb(options: WebOptions): Web {
  const { timeoutMs, userAgent, environment } = options;
  const guard = createGuard(options.guard);
  const cookies = createCookieJar();
  const browser = createBrowser({
    guard,
    choice: options.browserChoice,
    headless: options.headless,
    userAgent,
    timeoutMs: timeoutMs + browserMs,
    environment,
  });
  return {
    search: createSearch(createProviders(options.search, { guard: options.guard, userAgent, timeoutMs })),
    readPage: createPageReader({
      guard,
      cookies,
      userAgent,
      timeoutMs,
      mostBytes: mostPageBytes,
      documents: { environment, readerFile: options.readerFile },
      browser,
      useBrowser: options.useBrowser,
    }),
    async download(address, save, signal, oneSite = false) {
      const limits = { timeoutMs: downloadMs, idleMs: timeoutMs, mostBytes: options.mostDownloadBytes, signal };
      const request = { userAgent, accept: "*/*", cookies, packed: false, oneSite, ...limits };
      return guardedFetch(guard, guard.check(address), request, ({ status, body }) => {
        if (status < 200 || status >= 300) throw new WebError("http-status", `HTTP ${status} error.`, { status });
        return save(body);
      });
    },
    async request(address, limitMs, signal) {
      const request = {
        userAgent,
        accept: "*/*",
        timeoutMs: limitMs,
        mostBytes: mostPageBytes,
        takesStart: true,
        signal,
      };
      return guardedFetch(guard, guard.check(address), request, async ({ status, body, header }) => {
        const { bytes, isCut: cut } = await collectedStart(body, mostPageBytes);
        return { status, text: decodeText(bytes, { said: [charsetOf(header("content-type"))], cut }).text };
      });
    },
    close: () => browser.close(),
  };
}

/** Which browser would be used, or how to get one. Starts nothing. */
export async function describeBrowser(choice: BrowserChoice): Promise<{ path: string | null; text: string }> {
  const path = await findBrowser(choice);
  return { path, text: path ?? noBrowser(choice) };
}
