import { loadPackage } from "../../base/packages/added.js";
import { howToAdd } from "../../base/packages/parts.js";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser as Puppeteer, CookieData, HTTPRequest, LaunchOptions, Page as BrowserPage } from "puppeteer";
import { messageOf } from "../../errors.js";
import { withDeadline } from "../deadline.js";
import type { Guard } from "../guard/guard.js";
import { shownUrl, WebError } from "../web-error.js";
import { findBrowser, noBrowser, type BrowserChoice } from "./find-browser.js";
import { beforePage, pageAsSeen } from "./page-scripts.js";
import { startGuardingProxy, type GuardingProxy } from "./guarding-proxy.js";

export type BrowserOptions = {
  guard: Guard;
  choice: BrowserChoice;
  headless: boolean;
  userAgent: string;
  /** For loading one page, its start included. */
  timeoutMs: number;
  /** What the browser gets to see of the environment. */
  environment: Readonly<Record<string, string>>;
};

/** A page after its scripts have run, with its status; or why there is none: no browser here, or an address that shows no page. */
export type Rendering =
  | { kind: "document"; url: URL; html: string; status: number; isCut: boolean }
  | { kind: "no-document" }
  | { kind: "no-browser"; advice: string };

/** The browser of a run, started with the first page that needs it, without the user's profile. */
export interface Browser {
  /** Throws WebError. A status that is no success is the reader's to judge. */
  render(url: URL, signal: AbortSignal): Promise<Rendering>;
  close(): Promise<void>;
}

/** How long the rest of a page is waited for once its document is there. */
const settleMs = 5_000;
const quietMs = 500;
/** How long a browser may take to end by itself. */
const closeMs = 3_000;
export const mostHtml = 5 << 20;

type Started = { browser: Puppeteer; proxy: GuardingProxy };
/** A browser from the moment it begins to start, so that it can also be ended while it starts. */
type Starting = { ready: Promise<Started>; kill: AbortController };

export function createBrowser(options: BrowserOptions): Browser {
  let started: Starting | undefined;
  let cookies: CookieData[] = [];
  const stop = async (): Promise<void> => {
    const last = started;
    started = undefined;
    if (last === undefined) return;
    const closed = closeStarted(last);
    await Promise.race([closed, sleep(closeMs, undefined, { ref: false })]);
    last.kill.abort();
    await closed;
  };
  const start = async (path: string, signal: AbortSignal): Promise<Started> => {
    const running = await started?.ready.catch(() => undefined);
    if (running?.browser.connected) return running;
    await stop();
    signal.throwIfAborted();
    const kill = new AbortController();
    started = { kill, ready: launch(options, path, kill.signal) };
    return started.ready;
  };
  return {
    async render(url, signal) {
      const path = await findBrowser(options.choice);
      if (path === null) return { kind: "no-browser", advice: noBrowser(options.choice) };
      const what = `loading ${shownUrl(url)} in the browser`;
      try {
        return await withDeadline({ milliseconds: options.timeoutMs, signal, what }, async (own) => {
          const running = await start(path, own);
          own.throwIfAborted();
          const loaded = await load(options, running, url, cookies);
          cookies = loaded.cookies;
          return loaded.rendering;
        });
      } catch (thrown) {
        // A page that hangs ends with the browser.
        if (signal.aborted || !(thrown instanceof WebError) || thrown.kind === "too-slow") await stop();
        if (signal.aborted || thrown instanceof WebError) throw thrown;
        throw new WebError("not-available", `the browser failed at ${shownUrl(url)}: ${firstLine(messageOf(thrown))}`, {
          cause: thrown,
        });
      }
    },
    close: stop,
  };
}

/** Lets a browser finish starting and end by itself; aborting `kill` ends it at once. */
async function closeStarted({ ready }: Starting): Promise<void> {
  const running = await ready.catch(() => undefined);
  await running?.browser.close().catch(() => undefined);
  await running?.proxy.close();
}

/** Everything goes through the proxy: no look-up of names, no UDP, no way round it for this machine's own addresses. */
const flags = (proxy: string): string[] => [
  `--proxy-server=${proxy}`,
  "--proxy-bypass-list=<-loopback>",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  "--disable-quic",
  // The first is the name of today, the second that of older ones.
  "--webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--no-pings",
  "--dns-prefetch-disable",
  "--js-flags=--max-old-space-size=512",
  // Chromium's own sandbox does not start for root.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

async function launch(
  { guard, headless, environment }: BrowserOptions,
  executablePath: string,
  signal: AbortSignal,
): Promise<Started> {
  const { default: puppeteer } = await loadPackage("puppeteer", () => import("puppeteer")).catch((cause: unknown) => {
    throw new WebError("not-available", `the package puppeteer is not there. ${howToAdd("browser")}`, { cause });
  });
  const proxy = await startGuardingProxy(guard);
  const options: LaunchOptions = {
    executablePath,
    headless,
    args: flags(proxy.url),
    env: { ...environment },
    pipe: true,
    signal,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  };
  try {
    return { browser: await puppeteer.launch(options), proxy };
  } catch (cause) {
    await proxy.close();
    throw new WebError("not-available", `${executablePath} could not be started: ${firstLine(messageOf(cause))}`, {
      cause,
    });
  }
}

type Loaded = { rendering: Rendering; cookies: CookieData[] };

/** Each page has a context of its own, so that no worker of an earlier one lives on; cookies are carried over. */
async function load(
  options: BrowserOptions,
  { browser, proxy }: Started,
  url: URL,
  cookies: CookieData[],
): Promise<Loaded> {
  proxy.begin(url);
  const context = await browser.createBrowserContext({ downloadBehavior: { policy: "deny" } });
  try {
    if (cookies.length > 0) await context.setCookie(...cookies);
    const page = await context.newPage();
    await page.setUserAgent({ userAgent: options.userAgent });
    await page.evaluateOnNewDocument(beforePage);
    page.on("popup", (popup) => void popup?.close().catch(() => undefined));
    page.on("dialog", (dialog) => void dialog.dismiss().catch(() => undefined));
    const rendering = await visit(page, proxy, url);
    return { rendering, cookies: (await context.cookies()).map(({ ...cookie }) => cookie) };
  } finally {
    await context.close().catch(() => undefined);
  }
}

async function visit(page: BrowserPage, proxy: GuardingProxy, url: URL): Promise<Rendering> {
  const led = followNavigations(page);
  const response = await page.goto(url.href, { waitUntil: "domcontentloaded", timeout: 0 }).catch((thrown: unknown) => {
    const why = proxy.refusal(url);
    if (why !== undefined) throw new WebError("refused", `${shownUrl(url)}: ${why}`, { cause: thrown });
    if (messageOf(thrown).includes("net::ERR_ABORTED")) return null;
    throw new WebError("no-connection", `${shownUrl(url)}: ${firstLine(messageOf(thrown))}`, { cause: thrown });
  });
  if (response === null) return { kind: "no-document" };
  checkReached(page, proxy, led, url);
  if (!/html/.test(response.headers()["content-type"] ?? "html")) return { kind: "no-document" };
  await page.waitForNetworkIdle({ idleTime: quietMs, timeout: settleMs }).catch(() => undefined);
  // By now a script may have led elsewhere.
  checkReached(page, proxy, led, url);
  const html = (await page.evaluate(pageAsSeen).catch(() => page.content())) as string;
  const { status } = led();
  return {
    kind: "document",
    url: new URL(page.url()),
    html: html.slice(0, mostHtml),
    status,
    isCut: html.length > mostHtml,
  };
}

/** Where a page was led to last, and what was answered there; 0 where nothing was yet. */
function followNavigations(page: BrowserPage): () => { address: string; status: number } {
  let last = { address: "", status: 0 };
  const isPage = (request: HTTPRequest): boolean =>
    request.isNavigationRequest() && request.frame() === page.mainFrame();
  page.on("request", (request) => {
    if (isPage(request)) last = { address: request.url(), status: 0 };
  });
  page.on("response", (response) => {
    if (isPage(response.request())) last = { address: response.url(), status: response.status() };
  });
  return () => last;
}

/** Throws WebError where what the browser shows is not a page but its own or the proxy's word that there is none. */
function checkReached(
  page: BrowserPage,
  proxy: GuardingProxy,
  led: () => { address: string; status: number },
  asked: URL,
): void {
  const { address, status } = led();
  if (!URL.canParse(address)) return;
  const isFailed = page.url().startsWith("chrome-error:");
  const refusal = proxy.refusal(new URL(address));
  if (refusal !== undefined && (isFailed || status === 403 || status === 0))
    throw new WebError("refused", `${shownUrl(asked)}: ${refusal}`);
  if (isFailed && status >= 400) throw new WebError("http-status", `HTTP ${status} error.`, { status });
  if (isFailed)
    throw new WebError(
      "no-connection",
      `${shownUrl(asked)}: it leads on to ${shownUrl(new URL(address))}, which cannot be reached.`,
    );
}

const firstLine = (text: string): string => (text.split("\n")[0] ?? "").slice(0, 200);
