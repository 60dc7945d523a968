import type { CheerioAPI } from "cheerio/slim";
import type { AnyNode } from "domhandler";
import { cleanLine, cleanText } from "../base/text.js";
import { blockText } from "./block-text.js";
import type { DocumentText, Link } from "./document.js";
import { parseHtml } from "./html.js";

/** Of a longer page all of the text is taken, since looking for the main text would take too long. */
const longestSearched = 2_000_000;
const mostElements = 50_000;
const mostLinks = 500;
const longestLinkText = 120;
/** A main text that is shorter than this and than half of the whole is not trusted. */
const leastMain = 500;
/** A page with less text than this and with scripts is taken for a shell that its scripts fill. */
const leastText = 200;
const shells =
  "#root, #app, #__next, #__nuxt, #___gatsby, #svelte, app-root, [data-reactroot], [ng-app], [data-server-rendered]";

/**
 * The main text of a page (Readability), or all of its text where none can be told, and its links, the main text's first.
 * Throws DocumentError.
 */
export async function readPage(html: string, url: string): Promise<DocumentText> {
  const { load } = await import("cheerio/slim");
  const { root, title } = parseHtml(html);
  const page = load(root);
  const whole = shownText([root]);
  const article = html.length <= longestSearched ? await mainPart(html) : null;
  const main = article === null ? null : load(article);
  const mainText = main === null ? "" : shownText(main.root().toArray());
  const usesMain = mainText.length >= leastMain || mainText.length * 2 >= whole.length;
  const text = usesMain && mainText !== "" ? mainText : whole;
  const base = baseOf(page, url);
  const links = distinct([...(main ? linksOf(main, base) : []), ...linksOf(page, base)]);
  return { title, text, links: links.slice(0, mostLinks), needsScripts: isShell(page, whole) };
}

const shownText = (roots: readonly AnyNode[]): string => cleanText(blockText(roots, "paragraphs"));

/** HTML of the main part; null where there is none, or where the page is more than the library can take. */
async function mainPart(html: string): Promise<string | null> {
  try {
    const { default: readability } = await import("@mozilla/readability");
    const { parseHTML } = await import("linkedom");
    // The parser takes the first element for the whole document, whatever it is.
    const whole = /<html[\s>]/i.test(html) ? html : `<html><head></head><body>${html}</body></html>`;
    const { document } = parseHTML(whole);
    const reader = new readability.Readability(document as never, { maxElemsToParse: mostElements });
    return reader.parse()?.content ?? null;
  } catch {
    return null;
  }
}

function baseOf(page: CheerioAPI, url: string): string {
  const base = page("base[href]").first().attr("href") ?? "";
  return URL.canParse(base, url) ? new URL(base, url).href : url;
}

function linksOf(page: CheerioAPI, base: string): Link[] {
  return page("a[href]")
    .toArray()
    .flatMap((anchor): Link[] => {
      const href = (anchor as { attribs: Record<string, string> }).attribs["href"]?.trim() ?? "";
      if (href === "" || href.startsWith("#") || !URL.canParse(href, base)) return [];
      const target = new URL(href, base);
      if (target.protocol !== "http:" && target.protocol !== "https:") return [];
      return [{ text: cleanLine(shownText([anchor as AnyNode]), longestLinkText), url: target.href }];
    });
}

function distinct(links: readonly Link[]): Link[] {
  const byUrl = new Map<string, Link>();
  for (const link of links) {
    const known = byUrl.get(link.url);
    if (known === undefined || known.text === "") byUrl.set(link.url, link);
  }
  return [...byUrl.values()];
}

function isShell(page: CheerioAPI, whole: string): boolean {
  if (page("script").length === 0) return false;
  if (whole.length < leastText) return true;
  const emptyRoot = page(shells)
    .toArray()
    .some((root) => shownText([root as AnyNode]) === "");
  const asksForScripts = /enable javascript|javascript is (?:required|disabled)|requires javascript/i.test(
    page("noscript").text(),
  );
  return whole.length < 4 * leastText && (emptyRoot || asksForScripts);
}
