import { withDeadline } from "./deadline.js";
import type { CookieJar } from "./fetch/cookies.js";
import { guardedFetch, type Fetched } from "./fetch/guarded-fetch.js";
import { collected } from "./fetch/unpacked.js";
import type { Guard } from "./guard/guard.js";
import type { Browser } from "./browser/browser.js";
import { cleanLine, plainText, sizeText } from "../base/text.js";
import type { DocumentText, Link, ReadOrder } from "../documents/document.js";
import { DocumentError } from "../documents/document-error.js";
import { readApart, type ReaderOptions } from "../documents/read-apart.js";
import { charsetOf, declaredKind, mediaType, sniffedKind } from "./document-kind.js";
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

export type ReadPage = (address: string, signal: AbortSignal) => Promise<Page>;

const accept = "text/html,application/xhtml+xml,application/pdf;q=0.9,text/*;q=0.9,application/json;q=0.8,*/*;q=0.5";

/**
 * Makes the function that reads one page as text: over plain HTTP, and in the browser where the page needs its scripts.
 * Of a document without text, such as an image, the note tells type and size. Throws WebError.
 */
export function createPageReader(options: PageReaderOptions): ReadPage {
  return async (address, signal) => {
    const url = options.guard.check(address);
    if (options.useBrowser !== "always") return readPlain(options, url, signal);
    const rendered = await options.browser.render(url, signal);
    if (rendered.kind === "document") return readRendered(options, rendered, signal);
    const page = await readPlain(options, url, signal);
    return rendered.kind === "no-browser" ? { ...page, note: rendered.advice } : page;
  };
}

type Answer = { url: URL; contentType: string; bytes: Buffer | null; size: number | null };

async function readPlain(options: PageReaderOptions, url: URL, signal: AbortSignal): Promise<Page> {
  const { guard, cookies, userAgent, timeoutMs, mostBytes } = options;
  const answer = await guardedFetch(guard, url, { userAgent, accept, cookies, timeoutMs, mostBytes, signal }, receive);
  const kind = answer.bytes === null ? null : (declaredKind(answer.contentType) ?? sniffedKind(answer.bytes));
  if (kind === null || answer.bytes === null) return { ...emptyPage(answer.url), note: fact(answer) };
  const order = { bytes: answer.bytes, url: answer.url.href, kind, charset: charsetOf(answer.contentType) };
  const read = await readInTime(options, answer.url, order, signal);
  const page = pageOf(answer.url, read);
  return read.needsScripts ? withScripts(options, page, signal) : page;
}

/** Reads a page again after its scripts have run. Without a browser it stays as it is, with a note how to get one. */
async function withScripts(options: PageReaderOptions, plain: Page, signal: AbortSignal): Promise<Page> {
  if (options.useBrowser === "never") return { ...plain, note: needsScripts("BROWSER=never keeps it from running.") };
  try {
    const rendered = await options.browser.render(new URL(plain.url), signal);
    if (rendered.kind === "no-browser") return { ...plain, note: needsScripts(rendered.advice) };
    if (rendered.kind === "no-document") return plain;
    return await readRendered(options, rendered, signal);
  } catch (thrown) {
    if (signal.aborted || !(thrown instanceof WebError)) throw thrown;
    return { ...plain, note: needsScripts(`In the browser it failed: ${thrown.message}`) };
  }
}

const needsScripts = (why: string): string =>
  `The page seems to be made by scripts, so there may be more in it than could be read. ${why}`;

type Rendered = { url: URL; html: string };

async function readRendered(options: PageReaderOptions, { url, html }: Rendered, signal: AbortSignal): Promise<Page> {
  const order = { bytes: Buffer.from(html), url: url.href, kind: "page" as const, charset: "utf-8" };
  return pageOf(url, await readInTime(options, url, order, signal));
}

/** Reads a document within the time that a page may take. */
async function readInTime(
  { timeoutMs, documents }: PageReaderOptions,
  url: URL,
  order: ReadOrder,
  signal: AbortSignal,
): Promise<DocumentText> {
  const what = `reading the text of ${shownUrl(url)}`;
  try {
    return await withDeadline({ milliseconds: timeoutMs, signal, what }, (own) => readApart(order, documents, own));
  } catch (thrown) {
    throw thrown instanceof DocumentError ? unreadable(url, thrown) : thrown;
  }
}

function unreadable(url: URL, problem: DocumentError): WebError {
  const [kind, why] =
    problem.kind === "not-installed"
      ? (["not-available", noPdfReader] as const)
      : (["unreadable", `it cannot be read. ${problem.message}`] as const);
  return new WebError(kind, `${shownUrl(url)}: ${why}`, { cause: problem });
}

const noPdfReader = "it is a PDF, and the optional package that reads PDFs is not installed: npm install unpdf@1.7";

const pageOf = (url: URL, { title, text, links }: DocumentText): Page => ({
  url: url.href,
  title,
  text: plainText(text),
  links,
  note: null,
});

/** The bytes of an answer; null for a kind that holds no text, which is not even read where its size is announced. */
async function receive(answer: Fetched): Promise<Answer> {
  const { url, status, length } = answer;
  if (status >= 400 || status < 200) throw httpError(answer);
  const contentType = answer.header("content-type");
  if (declaredKind(contentType) === null && length !== null) return { url, contentType, bytes: null, size: length };
  const bytes = await collected(answer.body);
  const isText = declaredKind(contentType) !== null;
  return { url, contentType, bytes: isText ? bytes : null, size: bytes.length };
}

function httpError({ status, header }: Fetched): WebError {
  const after = cleanLine(header("retry-after"), 40);
  const wait = after === "" ? "" : ` It asks to wait: Retry-After ${after}.`;
  return new WebError("http-status", `HTTP ${status} error.${meaning(status)}${wait}`, { status });
}

function meaning(status: number): string {
  if (status === 404 || status === 410) return " There is no such page.";
  if (status === 401 || status === 403) return " The site does not show this page to programs or without a login.";
  if (status === 429) return " The site was asked too often.";
  return status >= 500 ? " The site has a fault of its own at the moment." : "";
}

const emptyPage = (url: URL): Page => ({ url: url.href, title: "", text: "", links: [], note: null });

function fact({ contentType, size }: Answer): string {
  const type = cleanLine(mediaType(contentType), 60) || "data of no known type";
  return `${type}${size === null ? "" : `, ${sizeText(size)}`}: there is no text in it to read`;
}
