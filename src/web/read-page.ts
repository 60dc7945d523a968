import { decodeText } from "../base/encoding.js";
import { cleanLine, plainText } from "../base/text.js";
import type { DocumentText, Link, ReadOrder } from "../documents/document.js";
import { DocumentError } from "../documents/document-error.js";
import { readApart, type ReaderOptions } from "../documents/read-apart.js";
import { refreshTarget } from "../documents/refresh-target.js";
import { megabytes, tooLarge } from "./fetch/unpacked.js";
import { receiveAnswer, type Answer } from "./answer.js";
import { mostHtml, type Browser, type Rendering } from "./browser/browser.js";
import { withDeadline } from "./deadline.js";
import { charsetOf, webKind, type WebKind } from "./web-kind.js";
import type { CookieJar } from "./fetch/cookies.js";
import { guardedFetch, refuseOtherSite } from "./fetch/guarded-fetch.js";
import type { Guard } from "./guard/guard.js";
import { httpError, noTextIn } from "./page-problems.js";
import { shownUrl, WebError } from "./web-error.js";

export type PageReaderOptions = {
  guard: Guard;
  cookies: CookieJar;
  userAgent: string;
  timeoutMs: number;
  mostBytes: number;
  documents: ReaderOptions;
  browser: Browser;
  /** "auto": only for a page that needs its scripts. */
  useBrowser: "auto" | "always" | "never";
};

/** A page as it was read. `url` is where the redirects ended; `note` tells the model what may be missing, and why. */
export type Page = { url: string; title: string; text: string; links: Link[]; note: string | null };

export type ReadPage = (address: string, signal: AbortSignal, oneSite?: boolean) => Promise<Page>;

const accept = "text/html,application/xhtml+xml,application/pdf;q=0.9,text/*;q=0.9,application/json;q=0.8,*/*;q=0.5";

/**
 * Of a page that is too large the beginning is read where there is this much text in it at most, in characters: most of such
 * a page is scripts. More would be asked of the model in dozens of requests, of a text without an end.
 */
const mostCutText = 500_000;

/** How often a page may lead on to another one by itself. */
const mostLeads = 5;

/**
 * Makes the function that reads one page as text: over plain HTTP, and in the browser where the page needs its scripts.
 * Of a document without text, such as an image, the note tells type and size. Throws WebError.
 */
export function createPageReader(options: PageReaderOptions): ReadPage {
  return async (address, signal, oneSite = false) => {
    const url = options.guard.check(address);
    const asking: Asking = { options, signal, named: url, leads: 0, oneSite };
    if (options.useBrowser !== "always") return readPlain(asking, url);
    const rendered = await options.browser.render(url, signal);
    if (rendered.kind === "document") return readRendered(asking, rendered);
    const page = await readPlain(asking, url);
    return rendered.kind === "no-browser" ? withNote(page, rendered.advice) : page;
  };
}

/** `named`: the address that was asked for; `leads`: how often a page has led on since; `oneSite`: only within its site. */
type Asking = { options: PageReaderOptions; signal: AbortSignal; named: URL; leads: number; oneSite: boolean };

async function readPlain(asking: Asking, url: URL): Promise<Page> {
  const { guard, cookies, userAgent, timeoutMs, mostBytes } = asking.options;
  const { signal, named, oneSite } = asking;
  const request = { userAgent, accept, cookies, timeoutMs, mostBytes, signal, named, oneSite, takesStart: true };
  const answer = await guardedFetch(guard, url, request, (fetched) => receiveAnswer(fetched, mostBytes));
  if (answer.status >= 400 || answer.status < 200) throw await refusal(asking, answer);
  const lead = refreshTarget(answer.refresh, answer.url.href);
  if (lead !== null) return follow(asking, emptyPage(answer.url), lead);
  const kind = kindOf(answer);
  if (kind === null && answer.isCut && answer.size === null) throw tooLarge(mostBytes);
  if (kind === null) return { ...emptyPage(answer.url), note: noTextIn(answer) };
  const read = await readAnswer(asking, answer, kind);
  if (answer.isCut && read.text.length > mostCutText) throw tooLarge(mostBytes);
  const page = pageOf(answer.url, read, answer.isCut ? cutAt(mostBytes) : noteFor(kind, read));
  const { leadsTo } = read;
  if (leadsTo?.withoutScripts === false) return follow(asking, page, leadsTo.url);
  const scripted = read.needsScripts ? await withScripts(asking, page) : page;
  const isShown = scripted !== page && scripted.note === null;
  return leadsTo === undefined || isShown ? scripted : follow(asking, scripted, leadsTo.url);
}

/** Goes where a page leads by itself; where that cannot be read, what it says is told, and why there is no more. */
async function follow(asking: Asking, page: Page, target: string): Promise<Page> {
  const isSame = target.split("#")[0] === page.url.split("#")[0];
  if (isSame || asking.leads >= mostLeads) return page;
  try {
    const next = asking.options.guard.check(target);
    if (asking.oneSite) refuseOtherSite(asking.named, next);
    return await readPlain({ ...asking, leads: asking.leads + 1 }, next);
  } catch (thrown) {
    if (asking.signal.aborted || !(thrown instanceof WebError) || page.text === "") throw thrown;
    return withNote(page, `The page leads on to ${shownUrl(new URL(target))}, which cannot be read: ${thrown.message}`);
  }
}

function kindOf(answer: Answer): WebKind | null {
  if (answer.bytes === null) return null;
  try {
    return webKind(answer, answer.bytes);
  } catch (thrown) {
    throw thrown instanceof DocumentError ? unreadable(answer.url, thrown) : thrown;
  }
}

async function readAnswer(asking: Asking, answer: Answer, kind: WebKind): Promise<DocumentText> {
  const { url, bytes, contentType } = answer;
  if (bytes === null) throw new TypeError("An answer that was not read has no text.");
  const charset = charsetOf(contentType);
  if (answer.isCut && kind !== "page" && answer.status < 400) throw tooLarge(asking.options.mostBytes);
  if (kind === "notebook") {
    const { textOfNotebook } = await import("../documents/formats/notebook.js");
    const text = textOfNotebook(decodeText(bytes, { said: [charset] }).text);
    return { title: "", text, links: [], needsScripts: false };
  }
  const order: ReadOrder =
    kind === "page"
      ? { kind, bytes, charset, url: url.href }
      : kind === "text"
        ? { kind, bytes, charset }
        : { kind, bytes };
  return readInTime(asking, url, order);
}

/** What an error says, with the beginning of what the server sent along. */
async function refusal(asking: Asking, answer: Answer): Promise<WebError> {
  const kind = answer.bytes === null ? null : kindOf(answer);
  if (kind !== "page" && kind !== "text") return httpError(answer, "");
  const read = await readAnswer(asking, answer, kind).catch(() => {
    asking.signal.throwIfAborted();
    return null;
  });
  return httpError(answer, read?.text ?? "");
}

/** Reads a page again after its scripts have run. Without a browser it stays as it is, with a note how to get one. */
async function withScripts(asking: Asking, plain: Page): Promise<Page> {
  const { options, signal } = asking;
  if (options.useBrowser === "never") return withNote(plain, needsScripts("BROWSER=never keeps it from running."));
  try {
    const rendered = await options.browser.render(new URL(plain.url), signal);
    if (rendered.kind === "no-browser") return withNote(plain, needsScripts(rendered.advice));
    if (rendered.kind === "no-document") return plain;
    return await readRendered(asking, rendered);
  } catch (thrown) {
    if (signal.aborted || !(thrown instanceof WebError)) throw thrown;
    return withNote(plain, needsScripts(`In the browser it failed: ${thrown.message}`));
  }
}

const needsScripts = (why: string): string =>
  `The page seems to be made by scripts, so there may be more in it than could be read. ${why}`;

async function readRendered(asking: Asking, rendered: Extract<Rendering, { kind: "document" }>): Promise<Page> {
  const { url, html, status } = rendered;
  const order = { bytes: Buffer.from(html), url: url.href, kind: "page" as const, charset: "utf-8", isRendered: true };
  const read = await readInTime(asking, url, order);
  if (status >= 400) throw httpError({ status, retryAfter: "" }, read.text);
  if (rendered.isCut && read.text.length > mostCutText) throw tooLarge(mostHtml);
  const isEmpty = read.text.trim() === "";
  const note = isEmpty ? "The page's scripts have run in the browser, and it shows no text all the same." : null;
  return pageOf(url, read, rendered.isCut ? cutAt(mostHtml) : note);
}

/** Reads a document within the time that a page may take. */
async function readInTime(asking: Asking, url: URL, order: ReadOrder): Promise<DocumentText> {
  const { timeoutMs, documents } = asking.options;
  const what = `reading the text of ${shownUrl(url)}`;
  const limits = { milliseconds: timeoutMs, signal: asking.signal, what };
  try {
    return await withDeadline(limits, (own) => readApart(order, documents, own));
  } catch (thrown) {
    throw thrown instanceof DocumentError ? unreadable(url, thrown) : thrown;
  }
}

function unreadable(url: URL, problem: DocumentError): WebError {
  const kind = problem.kind === "not-installed" ? "not-available" : "unreadable";
  return new WebError(kind, `${shownUrl(url)}: it cannot be read. ${problem.message}`, { cause: problem });
}

const cutAt = (most: number): string =>
  `It is larger than ${megabytes(most)} MB, the limit: what stands behind that was not read.`;

const scanned =
  "It is a PDF without text: its pages are pictures, as those of a scan are, and text in pictures cannot be read here.";

const noteFor = (kind: WebKind, { text }: DocumentText): string | null =>
  kind === "pdf" && text.trim() === "" ? scanned : null;

const pageOf = (url: URL, { title, text, links, note }: DocumentText, own: string | null): Page =>
  withNote({ url: url.href, title: cleanLine(title, 300), text: plainText(text), links, note: note ?? null }, own);

const withNote = (page: Page, note: string | null): Page =>
  note === null ? page : { ...page, note: page.note === null ? note : `${page.note} ${note}` };

const emptyPage = (url: URL): Page => ({ url: url.href, title: "", text: "", links: [], note: null });
