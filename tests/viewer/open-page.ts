import puppeteer, { type Browser, type Page } from "puppeteer";
import { browserPath } from "../web/test-web.js";
import type { Surroundings } from "../support/services/services.js";

/** A browser; null where there is none and none can be had. */
export async function openChromium(t: Surroundings): Promise<Browser | null> {
  const executablePath = await browserPath(t);
  if (executablePath === null) return null;
  const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox"], pipe: true });
  t.after(() => browser.close());
  return browser;
}

type Opened = { page: Page; faults: string[] };

/** A browser's one page: another one would cost a process. */
const opened = new WeakMap<Browser, Promise<Opened>>();

/** The browser's page at this address, and what has gone wrong in it since. */
export async function openPage(browser: Browser, address: string, width = 1360): Promise<Opened> {
  const known = opened.get(browser) ?? firstPage(browser);
  opened.set(browser, known);
  const { page, faults } = await known;
  await page.goto("about:blank");
  faults.length = 0;
  await page.setViewport({ width, height: 860 });
  await page.goto(address);
  return { page, faults };
}

async function firstPage(browser: Browser): Promise<Opened> {
  const page = await browser.newPage();
  // The runner ends what hangs; puppeteer's half a minute is too short where everything else runs as well.
  page.setDefaultTimeout(0);
  const faults: string[] = [];
  page.on("pageerror", (error) => void faults.push(String(error)));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => void (message.type() === "error" && faults.push(message.text())));
  page.on("request", (request) => {
    if (!/^(http:\/\/127\.0\.0\.1:|file:|data:|about:)/.test(request.url())) faults.push(`asked for ${request.url()}`);
  });
  return { page, faults };
}

/** Resolves once this text is somewhere in the page: beside it, the body has the script with all its words. */
export const shows = (page: Page, text: string): Promise<unknown> =>
  page.waitForFunction(`document.querySelector("#page").textContent.includes(${JSON.stringify(text)})`, {
    polling: "mutation",
  });

/** What the first element of this kind says. */
export const textOf = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, ({ textContent }) => textContent.replaceAll("\u00a0", " "));
