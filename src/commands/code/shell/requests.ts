import type { Reach } from "../../reach.js";
import type { LineCommand } from "../../../base/process/shell-line.js";
import { programOf } from "./programs.js";

/** Options of programs that make requests. Those that are in none of these lists make a line one that cannot be told. */
type Options = {
  /** Change nothing about where is asked and what is sent. */
  plain: string;
  /** The same, with a value behind them. */
  plainWithValue: string;
  /** Send something, with a value behind them. */
  sending: string;
  /** Follow where an answer leads. */
  following: string;
};

const curl: Options = {
  plain:
    "-s -S -sS -f -fsS -i -I -v -O -g --silent --show-error --fail --include --head --verbose --compressed --globoff --remote-name --ipv4",
  plainWithValue: "-o -m -w --output --max-time --connect-timeout --write-out --retry --max-filesize",
  sending:
    "-d -H -F -T -X -A -b -e --data --data-raw --data-binary --data-urlencode --json --header --form --upload-file --request --user-agent --cookie --referer",
  following: "-L -sL -fsSL -sSL -LO -sLO -fL -Ls --location",
};
const wget: Options = {
  plain: "-q -nv --quiet --no-verbose --no-clobber",
  plainWithValue: "-O -T -t --output-document --timeout --tries",
  sending: "--post-data --post-file --header --body-data --body-file --method --user-agent --referer",
  following: "",
};
const programs: ReadonlyMap<string, Options> = new Map([
  ["curl", curl],
  ["wget", wget],
]);

/** Programs that reach nothing and start nothing, besides those that take words for data. */
const harmless = new Set(["jq", "cd", "true", "false"]);

/**
 * All that a line asks of others, where that can be told: it has nothing in it but curl, wget, and programs that take
 * words for data. Null where it cannot.
 */
export async function requestsOf(line: string): Promise<Reach[] | null> {
  const { parseShellLine } = await import("../../../base/process/shell-line.js");
  const parsed = parseShellLine(line);
  if (parsed === null || parsed.unclear !== null) return null;
  const requests: Reach[] = [];
  for (const command of parsed.commands) {
    const found = requestsOfCommand(command);
    if (found === null) return null;
    requests.push(...found);
  }
  return requests;
}

function requestsOfCommand({ name, words, assigns }: LineCommand): Reach[] | null {
  // A path may be another program of that name, and a variable may change what a program does.
  if (name === null || assigns || name.includes("/")) return null;
  const options = programs.get(name);
  if (options !== undefined)
    return words.every((word) => word !== null) ? requestsOfFetcher(name, words, options) : null;
  return harmless.has(name) || programOf(name).takesData ? [] : null;
}

function requestsOfFetcher(name: string, words: readonly string[], options: Options): Reach[] | null {
  const has = (list: string, word: string): boolean => list.split(" ").includes(word);
  const addresses: string[] = [];
  let sends = false;
  let follows = name === "wget";
  for (let index = 0; index < words.length; index += 1) {
    const written = words[index] ?? "";
    const [word = "", value] = written.startsWith("--") ? written.split(/=(.*)/s) : [written];
    const isSending = has(options.sending, word);
    if (!word.startsWith("-")) addresses.push(word);
    else if (has(options.following, word)) follows = true;
    else if (isSending || has(options.plainWithValue, word)) {
      if (value === undefined) index += 1;
      sends ||= isSending;
    } else if (!has(options.plain, word)) return null;
  }
  // curl makes several addresses of one with braces or brackets.
  if (addresses.length === 0 || addresses.some((address) => /[{}[\]\s]/.test(address))) return null;
  if (sends) return [{ kind: "sends", texts: addresses.map((address) => `${withScheme(address)} `) }];
  return addresses.map((address) => ({ kind: "reads", address: withScheme(address), ...(follows && { follows }) }));
}

const withScheme = (address: string): string => (/^[a-z]+:\/\//i.test(address) ? address : `http://${address}`);
