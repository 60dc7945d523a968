import { isAscii, wordList } from "../base/text.js";

/** What a text names outside: full addresses, hosts (with their port, where one is written) and addresses of mail. */
export type Named = { addresses: URL[]; hosts: string[]; mails: string[] };

/** Endings of files that are top-level domains as well: `README.md` is no host unless something says so. */
const fileEndings = new Set(
  wordList("cc doc js json jsx md ml mov pl ps py rs sh so sql tar ts tsx txt xml yaml yml zip"),
);

const fullAddress = /\bhttps?:\/\/[^\s"'`<>\\^{|}]+/giu;

/** What finds mail addresses and hosts, given which characters are letters and digits. */
const expressions = (letters: string, digits: string, flags: string): { mail: RegExp; hostAlone: RegExp } => {
  const either = letters + digits;
  const host = `localhost(?=:\\d)|\\[[0-9a-f:]+\\]|\\d{1,3}(?:\\.\\d{1,3}){3}|(?:[${either}](?:[${either}-]*[${either}])?\\.)+[${letters}]{2,}`;
  return {
    mail: new RegExp(`[${either}._%+-]+@(?:[${either}-]+\\.)+[${letters}]{2,}`, flags),
    hostAlone: new RegExp(`(?<![${either}@/._-])(?:${host})(?::\\d{1,5})?(?:\\/[^\\s"'\`<>\\\\^{|}]*)?`, flags),
  };
};
let [inAscii, inAny]: (ReturnType<typeof expressions> | undefined)[] = [];

/** V8 takes longer to prepare for all letters of Unicode than to look through most texts, so that ASCII does without them. */
const expressionsFor = (text: string): ReturnType<typeof expressions> =>
  isAscii(text) ? (inAscii ??= expressions("a-z", "0-9", "gi")) : (inAny ??= expressions("\\p{L}", "\\p{N}", "giu"));

/** Everything outside that a text names, also where it stands in a sentence. */
export function namedIn(text: string): Named {
  const addresses: URL[] = [];
  const take = (written: string): void => {
    const trimmed = withoutPunctuation(written);
    if (URL.canParse(trimmed)) addresses.push(new URL(trimmed));
  };
  const { mail, hostAlone } = expressionsFor(text);
  const rest = text.replace(fullAddress, (found) => {
    take(found);
    return " ";
  });
  const mails: string[] = [];
  const plain = rest.replace(mail, (found) => {
    mails.push(found.toLowerCase());
    return " ";
  });
  const hosts: string[] = [];
  for (const [found] of plain.matchAll(hostAlone)) {
    const written = withoutPunctuation(found);
    const hasMore = /[:/]/.test(written) || /^www\./i.test(written);
    if (!hasMore && fileEndings.has(written.split(".").at(-1)?.toLowerCase() ?? "")) continue;
    if (!URL.canParse(`https://${written}`)) continue;
    hosts.push(written);
    if (written.includes("/")) take(`https://${written}`);
  }
  return { addresses, hosts, mails };
}

/** What ends a sentence, or a bracket that was opened before the address, does not belong to it. */
function withoutPunctuation(written: string): string {
  let text = written;
  for (;;) {
    const last = text.at(-1) ?? "";
    const closes = last === ")" && text.split(")").length > text.split("(").length;
    const ends = ".,;:!?*_]".includes(last) && !/^\[[0-9a-f:]+\]$/i.test(text);
    if (!closes && !ends) return text;
    text = text.slice(0, -1);
  }
}
