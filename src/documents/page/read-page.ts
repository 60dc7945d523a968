import type { CheerioAPI } from "cheerio/slim";
import type { AnyNode, Element } from "domhandler";
import { cleanLine } from "../../base/text.js";
import type { DocumentText, Link } from "../document.js";
import { parseHtml } from "../html.js";
import { preparePage } from "./prepare.js";
import { refreshTarget } from "../refresh-target.js";
import { shownText } from "./shown-text.js";

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

const longArticle = 1_000;
/** Where a page is from; `isRendered`: a browser has taken out what it hides. */
export type PageOrigin = { url: string; isRendered?: boolean };

/**
 * The main text of a page (Readability), or all of its text where none can be told, and its links, the main text's first.
 * Throws DocumentError.
 */
export async function readPage(html: string, { url, isRendered = false }: PageOrigin): Promise<DocumentText> {
  const { load } = await import("cheerio/slim");
  const { root, title } = parseHtml(html);
  const page = load(root);
  const base = baseOf(page, url);
  const leading = leadsTo(page, base);
  const hasFields = page("select, textarea, input:not([type=hidden])").length > 0;
  preparePage(root, { isRendered });
  const whole = textOf([root]);
  const article = html.length <= longestSearched ? await mainPart(page) : null;
  const main = article === null ? null : load(article);
  const mainText = main === null ? "" : articleText(main.root().toArray());
  // A short page with fields to fill in is about them, and they are no part of an article.
  const usesMain = mainText.length >= leastMain || (!hasFields && mainText.length * 2 >= whole.length);
  const text = usesMain && mainText !== "" ? mainText : whole;
  const links = distinct([...(main ? linksOf(main, base) : []), ...linksOf(page, base), ...framesOf(page, base)]);
  return {
    title,
    text,
    links: links.slice(0, mostLinks),
    needsScripts: isShell(page, whole),
    leadsTo: leading?.withoutScripts === true && whole.length >= leastText ? undefined : leading,
  };
}

const textOf = (roots: readonly AnyNode[]): string => shownText(roots, "paragraphs");

/** Of a long text the photographs say less than the text itself. */
function articleText(roots: readonly AnyNode[]): string {
  const text = textOf(roots);
  return text.length < longArticle ? text : shownText(roots, "paragraphs", "telling");
}

/** Where a page sends its reader within seconds. */
function leadsTo(page: CheerioAPI, base: string): DocumentText["leadsTo"] {
  let found: DocumentText["leadsTo"];
  for (const { attribs, parent } of page("meta[http-equiv]").toArray() as Element[]) {
    if (!/^refresh$/i.test(attribs["http-equiv"]?.trim() ?? "")) continue;
    const url = refreshTarget(attribs["content"] ?? "", base);
    const withoutScripts = (parent as Element | null)?.name === "noscript";
    if (url !== null && (found === undefined || !withoutScripts)) found = { url, withoutScripts };
  }
  return found;
}

/** HTML of the main part; null where there is none, or where the page is more than the library can take. */
async function mainPart(page: CheerioAPI): Promise<string | null> {
  try {
    // Written anew, since the parser loses attributes that are written in capitals.
    const html = page.html();
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
      return [{ text: linkText(anchor as Element), url: target.href }];
    });
}

/** What a link shows, or what its author says of it where it shows a drawing. */
function linkText(anchor: Element): string {
  const { title, "aria-label": label } = anchor.attribs;
  return cleanLine(textOf([anchor]) || label || title || "", longestLinkText);
}

/** What a page shows in frames, which are pages of their own. */
function framesOf(page: CheerioAPI, base: string): Link[] {
  return (page("frame[src], iframe[src]").toArray() as Element[]).flatMap(({ attribs }): Link[] => {
    const { src = "", title, name } = attribs;
    if (!URL.canParse(src, base) || !/^https?:$/.test(new URL(src, base).protocol)) return [];
    return [{ text: cleanLine(`frame ${title ?? name ?? ""}`, longestLinkText), url: new URL(src, base).href }];
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
    .some((root) => textOf([root as AnyNode]) === "");
  const asksForScripts = /enable javascript|javascript is (?:required|disabled)|requires javascript/i.test(
    page("noscript").text(),
  );
  return whole.length < 4 * leastText && (emptyRoot || asksForScripts);
}
