import { addressKey, siteOf, withScheme } from "../base/address.js";
import { dataIn } from "../base/text.js";
import type { Command } from "../commands/command.js";
import type { Foreign } from "../history/events/taint.js";
import type { Step } from "../history/events.js";
import { namedIn } from "./named.js";

/** What is known of the addresses that a run may go to, and of the texts that it has read. */
export type Knowledge = {
  /** What the user has named, in goals, role, feedback, or by a yes. */
  user: { words: string[]; addresses: Set<string>; sites: Set<string>; mails: Set<string> };
  /** Hosts that were asked before anything of others was read. */
  usedSites: Set<string>;
  /** What search engines have found. */
  found: Set<string>;
  /** Links of pages that were read. */
  links: Set<string>;
  /** The pages that were read, and their hosts. */
  pages: Set<string>;
  pageSites: Set<string>;
  /** Files that the run itself has written, all of them, before it had read anything of others. */
  ownFiles: Set<string>;
  /** Texts that others know already, and texts of the user's, in lower case. */
  known: string[];
  own: string[];
  /** Whether the context holds text of others. */
  isTainted: boolean;
};

export const emptyKnowledge = (): Knowledge => ({
  user: { words: [], addresses: new Set(), sites: new Set(), mails: new Set() },
  usedSites: new Set(),
  found: new Set(),
  links: new Set(),
  pages: new Set(),
  pageSites: new Set(),
  ownFiles: new Set(),
  known: [],
  own: [],
  isTainted: false,
});

/** Adds what a text of the user's names. */
export function hearUser({ user, known }: Knowledge, text: string): void {
  known.push(text.toLowerCase());
  user.words.push(text.toLowerCase());
  const { addresses, hosts, mails } = namedIn(text);
  for (const url of addresses) {
    user.addresses.add(addressKey(url));
    user.sites.add(siteOf(url));
  }
  for (const host of hosts) user.sites.add(siteOf(new URL(`http://${host}`)));
  for (const one of mails) user.mails.add(one);
}

/** What a finished step has brought in that others wrote; null where it brought nothing of the kind. The knowledge follows it. */
export function followStep(
  knowledge: Knowledge,
  { command, outcome, result }: Pick<Step, "command" | "outcome" | "result">,
  commands: ReadonlyMap<string, Command>,
): Foreign | null {
  if (outcome === "feedback") return hearFeedback(knowledge, result.text.replace(/^Human feedback: /, ""));
  if (command === null || (outcome !== "ran" && outcome !== "unfinished")) return null;
  const { name, args } = command;
  const url = urlIn(args);
  if (url !== null && !knowledge.isTainted) knowledge.usedSites.add(siteOf(url));
  const foreign = foreignIn(knowledge, commands.get(name), args, result.text);
  followFiles(knowledge, name, args, result.ok);
  if (foreign === null) return null;
  const { pages, pageSites, found, links, known, own } = knowledge;
  if (url !== null && foreign.kind === "page") {
    pages.add(addressKey(url));
    pageSites.add(siteOf(url));
  }
  const seen = foreign.kind === "search" ? found : links;
  for (const link of result.links ?? []) if (URL.canParse(link)) seen.add(addressKey(new URL(link)));
  if (foreign.kind === "file" && isNamed(knowledge, foreign.from))
    for (const url of listedIn(result.text)) links.add(url);
  const isPublic = foreign.kind === "page" || foreign.kind === "search";
  (isPublic ? known : own).push(result.text.toLowerCase());
  knowledge.isTainted = true;
  return foreign;
}

/** What stands in a frame among the user's words, they have attached: it may be anybody's, and names nothing in their name. */
function hearFeedback(knowledge: Knowledge, text: string): Foreign | null {
  const { beside, framed } = dataIn(text);
  hearUser(knowledge, beside);
  if (framed.length === 0) return null;
  knowledge.own.push(...framed.map((one) => one.text.toLowerCase()));
  knowledge.isTainted = true;
  return { kind: "attachment", from: framed.map(({ what }) => what).join(", ") };
}

function foreignIn(
  { ownFiles }: Knowledge,
  command: Command | undefined,
  args: Record<string, unknown>,
  text: string,
): Foreign | null {
  const foreign = command?.foreign?.(args as never) ?? null;
  if (foreign?.kind === "file" && ownFiles.has(pathKey(foreign.from))) return null;
  if (foreign?.kind !== "file names") return foreign;
  const listed = text.replace(/^Command \S+ returned: /, "").split("\n");
  return listed.every((line) => line === "No files found." || ownFiles.has(pathKey(line))) ? null : foreign;
}

/** Whether the user has named the file. */
function isNamed({ user }: Knowledge, path: string): boolean {
  const name = pathKey(path).toLowerCase();
  return name.length > 3 && user.words.some((text) => text.includes(name));
}

/** The addresses that stand alone on their lines, as those of a list do: where the user named the file, they may be read. */
const listedIn = (text: string): string[] =>
  text.split("\n").flatMap((line) => {
    const alone = /^\s*(?:[-*+\d.)\]\t|]+\s+)?<?(https?:\/\/[^\s"'<>|]+)>?\s*\|?\s*$/i.exec(
      line.replace(/^Command \S+ returned: /, ""),
    );
    return alone?.[1] !== undefined && URL.canParse(alone[1]) ? [addressKey(new URL(alone[1]))] : [];
  });

/** What is appended to a file of the run's own leaves it one; whatever else is done to a path may put another file there. */
function followFiles(
  { ownFiles, isTainted }: Knowledge,
  name: string,
  args: Record<string, unknown>,
  ok: boolean,
): void {
  const paths = [args["file"], args["to"]].filter((path) => typeof path === "string").map(pathKey);
  const [path] = paths;
  if (path === undefined || !ok || name === "read_file" || isTainted) return;
  if (name === "write_to_file") ownFiles.add(path);
  else if (name !== "append_to_file" && name !== "edit_file") for (const each of paths) ownFiles.delete(each);
}

const pathKey = (path: string): string => path.trim().replace(/^(?:\.?\/)+/, "");

/** The address that a call names, with https where it names no protocol. */
export function urlIn({ url }: Record<string, unknown>): URL | null {
  if (typeof url !== "string") return null;
  return urlOf(url);
}

/** An address as the guard reads it; null where it is none. */
export function urlOf(address: string): URL | null {
  const full = withScheme(address.trim());
  return URL.canParse(full) ? new URL(full) : null;
}
