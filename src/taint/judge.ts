import { addressKey, siteOf } from "../base/address.js";
import { cleanLine } from "../base/text.js";
import type { Reach } from "../commands/reach.js";
import type { Bounds } from "../history/events/taint.js";
import { addressesWithin, carriedBy, carriedByQuestion } from "./carried.js";
import { urlOf, type Knowledge } from "./knowledge.js";
import { namedIn } from "./named.js";

/** Whether a call may be made while the context holds text of others: within bounds, or why not, as half a sentence. */
export type Judgement = { ok: true; bounds: Bounds } | { ok: false; why: string; offline: boolean };

const allowed = (bounds: Bounds = {}): Judgement => ({ ok: true, bounds });
const stopped = (why: string): Judgement => ({ ok: false, why, offline: false });

/** Judges one way in which a call reaches outside. */
export function judge(reach: Reach, knowledge: Knowledge): Judgement {
  switch (reach.kind) {
    case "reads":
    case "downloads":
      return judgeAddress(reach.address, reach.kind, knowledge);
    case "searches":
      return judgeQuestion(reach.text, knowledge);
    case "sends":
      return judgeSending(reach.texts, knowledge);
    case "runs":
      return judgeCode(reach, knowledge);
  }
}

function judgeAddress(address: string, kind: "reads" | "downloads", knowledge: Knowledge): Judgement {
  const url = urlOf(address);
  // What is no address is refused by itself, before anything is asked.
  if (url === null) return allowed();
  const key = addressKey(url);
  const { user, found, links } = knowledge;
  if (user.addresses.has(key) || found.has(key) || (kind === "reads" && links.has(key))) return allowed();
  const site = siteOf(url);
  if (!isKnownSite(site, knowledge)) return stopped(unknownHost(kind, site));
  const within = addressesWithin(url).find((inner) => !isKnownAddress(inner, knowledge));
  if (within !== undefined) return stopped(`${shown(url)} leads on to ${siteOf(within)}, which the user has not named`);
  // Whom the user named, and who has not said anything so far, cannot have asked for it.
  const isTrusted = isNamedByUser(site, knowledge) && !knowledge.pageSites.has(site);
  const carried = isTrusted ? null : carriedBy(url, textsOf(knowledge));
  if (carried !== null)
    return stopped(`the address at ${site} would carry ${quoted(carried)} there, which nobody there has to know`);
  return allowed({ oneSite: true });
}

const unknownHost = (kind: "reads" | "downloads", site: string): string =>
  kind === "reads"
    ? `${site} is a host that the user has not named, and this address is neither a result of a search nor a link of a page that was read`
    : `${site} is a host that the user has not named, and this address is no result of a search`;

function judgeQuestion(text: string, knowledge: Knowledge): Judgement {
  const carried = carriedByQuestion(text, textsOf(knowledge));
  return carried === null ? allowed() : stopped(`the question would carry ${quoted(carried)} out`);
}

/** What is sent goes where the user said, to nobody else besides. */
function judgeSending(texts: readonly string[], knowledge: Knowledge): Judgement {
  const places = texts.map(namedIn);
  const addresses = places.flatMap((named) => [
    ...named.addresses,
    ...named.hosts.filter((host) => !host.includes("/")).map((host) => new URL(`https://${host}`)),
  ]);
  const mails = places.flatMap((named) => named.mails);
  if (addresses.length + mails.length === 0) return stopped("it would send or do something outside the workspace");
  const stranger =
    mails.find((one) => !knowledge.user.mails.has(one)) ??
    addresses.find((url) => !mayBeWrittenTo(url, knowledge))?.host;
  return stranger === undefined
    ? allowed()
    : stopped(`it would send or do something at ${stranger}, which the user has not named for that`);
}

function judgeCode({ offline, requests }: Extract<Reach, { kind: "runs" }>, knowledge: Knowledge): Judgement {
  const judged = requests?.map((request) => judgeRequest(request, knowledge));
  const problem = judged === undefined ? null : judged.find((one) => !one.ok);
  if (problem === undefined) return allowed();
  const why = problem?.ok === false ? problem.why : "it would run code that can reach any host";
  return { ok: false, why, offline };
}

/** Nobody holds a program to one site. */
function judgeRequest(request: Reach, knowledge: Knowledge): Judgement {
  const judged = judge(request, knowledge);
  const leads = request.kind === "reads" && request.follows === true && judged.ok && judged.bounds.oneSite === true;
  return leads ? stopped(`${request.address} may lead on to another host`) : judged;
}

/** A page that was read is nothing to write to; what was named as a whole host is, as long as it has not said anything. */
function mayBeWrittenTo(url: URL, { user, pages, pageSites }: Knowledge): boolean {
  const key = addressKey(url);
  const site = siteOf(url);
  const path = `${site}${url.pathname.replace(/\/+$/, "")}`;
  if (pages.has(key) || pages.has(path)) return false;
  const isBelow = [...user.addresses].some(
    (named) => named !== siteOf(new URL(`http://${named}`)) && (path === named || path.startsWith(`${named}/`)),
  );
  return isBelow || (user.sites.has(site) && !pageSites.has(site));
}

const isKnownSite = (site: string, knowledge: Knowledge): boolean =>
  knowledge.usedSites.has(site) || isNamedByUser(site, knowledge);

const isKnownAddress = (url: URL, knowledge: Knowledge): boolean => {
  const key = addressKey(url);
  const { user, found, links } = knowledge;
  return user.addresses.has(key) || found.has(key) || links.has(key) || isKnownSite(siteOf(url), knowledge);
};

/** A host that the user named, or one below it; what many share, such as github.io, has others below it. */
function isNamedByUser(site: string, { user }: Knowledge): boolean {
  if (user.sites.has(site)) return true;
  const above = [...user.sites].find((named) => site.endsWith(`.${named}`));
  return above !== undefined && !shared.test(above) && above.includes(".");
}

/** Under these, everybody may have a host. A list that is never whole; names below a country or a kind are caught by their form. */
const shared =
  /^(?:[a-z]{2,3}\.[a-z]{2}|.*\b(?:github|gitlab|bitbucket)\.io|.*\b(?:pages|workers)\.dev|.*\b(?:herokuapp|blogspot|wordpress|appspot|cloudfront|azurewebsites|amazonaws|ngrok|netlify|vercel|webflow|glitch|repl|surge|fly|onrender|web|firebaseapp|tumblr|substack|medium)\.[a-z.]+)$/;

const textsOf = ({ known, own, found, links, user, pages }: Knowledge) => ({
  known: [...known, ...found, ...links, ...user.addresses, ...pages].join("\n").toLowerCase(),
  own: own.join("\n"),
});

const quoted = (text: string): string => JSON.stringify(cleanLine(text, 60));
const shown = (url: URL): string => cleanLine(`${url.host}${url.pathname}`, 80);
