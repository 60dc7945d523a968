import * as z from "zod";

/** Types of single values: each takes the text that the user wrote, and its description says what it has to be. */

const filled = z.string().trim().min(1);

export const text = (expected = "some text") => filled.describe(expected);

/** A key or token: printable ASCII without spaces, as it has to fit into a header. `docker --env-file` keeps quotes around it. */
export const key = () =>
  filled.regex(/^(?!["'`])[\x21-\x7e]+$/).describe("a key without quotes, spaces or line breaks");

export const texts = () => z.array(filled).describe("some text");

/** True, 1, yes, on; False, 0, no, off; in any case. */
export const truth = () =>
  z
    .union([
      z.boolean(),
      filled
        .toLowerCase()
        .pipe(z.enum([...trueWords, ...falseWords]))
        .transform(isTrue)
        .pipe(z.boolean()),
    ])
    .describe("True or False");

const trueWords = ["true", "1", "yes", "on"] as const;
const falseWords = ["false", "0", "no", "off"] as const;
const isTrue = (word: string): boolean => trueWords.some((known) => known === word);

export const choice = <const Names extends readonly [string, ...string[]]>(...names: Names) =>
  filled
    .toLowerCase()
    .pipe(z.enum(names))
    .describe(`one of ${names.join(", ")}`);

export const wholeNumber = (least: number, most = Infinity) =>
  filled
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .describe(most === Infinity ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`);

export const number = (least: number, most: number) =>
  filled
    .regex(/^\d*\.?\d+$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most))
    .describe(`a number from ${least} to ${most}`);

/** US dollars. */
export const dollars = () =>
  filled
    .regex(/^\$?\d*\.?\d+$/)
    .transform((amount) => Number(amount.replace("$", "")))
    .pipe(z.number().positive())
    .describe("an amount of US dollars above 0, for example 1.50");

/** `90`, `30s`, `5m`, `1h` → seconds. */
export const duration = () =>
  quantity({ s: 1, m: 60, h: 3600 }).describe("a time above 0 such as 90 (seconds), 30s, 5m or 1h");

/** `12000`, `500k`, `1m` → a whole number. */
export const count = () =>
  quantity({ k: 1000, m: 1_000_000 }).pipe(z.int()).describe("a whole number above 0 such as 12000, 500k or 1m");

/** Rounded to millionths, so that 1.1k is 1100 and not 1100.0000000000002. */
const quantity = (units: Readonly<Record<string, number>>) =>
  filled
    .toLowerCase()
    .regex(new RegExp(`^\\d+(\\.\\d+)?[${Object.keys(units).join("")}]?$`))
    .transform((amount) => {
      const factor = units[amount.slice(-1)] ?? 1;
      return Math.round(parseFloat(amount) * factor * 1e6) / 1e6;
    })
    .pipe(z.number().positive().max(Number.MAX_SAFE_INTEGER));

/** An address without its trailing slashes, so that paths can be put behind it. */
export const webAddress = () =>
  filled
    .regex(/^https?:\/\//i)
    .refine((address) => URL.canParse(address))
    .transform((address) => address.replace(/\/+$/, ""))
    .describe("an address that begins with http:// or https://");

/** An address as it is written: whoever gave it out knows what belongs to it. */
export const exactAddress = () =>
  filled
    .regex(/^https?:\/\//i)
    .refine((address) => URL.canParse(address))
    .describe("an address that begins with http:// or https://");

/** An HTTP proxy as other programs take it: http:// may be left out. */
export const proxyAddress = () =>
  filled
    .transform((address) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`))
    .pipe(webAddress())
    .describe("the address of an HTTP proxy, such as http://proxy.example:3128");

/** The same, or one that speaks SOCKS. */
export const anyProxyAddress = () =>
  filled
    .transform((address) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`))
    .pipe(filled.regex(/^(?:https?|socks[45]?[ah]?):\/\//i).refine((address) => URL.canParse(address)))
    .describe("the address of a proxy, such as http://proxy.example:3128 or socks5://proxy.example:1080");

/** A name that is safe as part of a file name. */
export const plainName = () =>
  filled
    .regex(/^[\p{L}\p{N}_-][\p{L}\p{N}._-]{0,63}$/u)
    .describe("a name of letters, digits, dots, dashes and underscores");

/** The address of the server that keeps a queue. */
export const queueAddress = () =>
  filled
    .regex(/^(rediss?|postgres(ql)?):\/\//i)
    .refine(isServerAddress)
    .describe(`an address that begins with redis://, rediss:// or postgres://${formOfAddress}`);

const formOfAddress =
  ", with signs such as % # @ in a password as %25 %23 %40, and a number where it names a database of Redis";

/** Whether clients can read it: some throw at what they cannot decode, or at a database that is no number, long after that. */
function isServerAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, username, password, pathname, searchParams } = new URL(address);
  try {
    for (const part of [username, password, pathname]) decodeURIComponent(part);
  } catch {
    return false;
  }
  const database = searchParams.get("db") ?? pathname.replace(/^\//, "");
  return !protocol.startsWith("redis") || database === "" || /^\d{1,9}$/.test(database);
}

/** A place that many computers reach, for files. */
export const artifactsPlace = () =>
  filled
    .regex(/^(file:\/\/\/|s3:\/\/[^/?#]|\/|[a-z]:[\\/])/i)
    .describe("the whole path of a folder, or an address that begins with file:/// or s3://");

/** The address of a Redis server. */
export const redisAddress = () =>
  filled
    .regex(/^rediss?:\/\//i)
    .refine(isServerAddress)
    .describe(`an address that begins with redis:// or rediss://${formOfAddress}`);

/** `us-east-1-aws` → region and cloud; what followed them in the names of free environments is left out. */
export const cloudRegion = () =>
  filled
    .regex(/^[a-z0-9-]+-(aws|gcp|azure)(-free)?$/i)
    .transform((name) => {
      const [, region = "", cloud = ""] = /^(.+)-(aws|gcp|azure)(?:-free)?$/.exec(name.toLowerCase()) ?? [];
      return { cloud, region };
    })
    .pipe(z.object({ cloud: z.enum(["aws", "gcp", "azure"]), region: z.string() }))
    .describe(
      "a region and a cloud such as us-east-1-aws; environments of another form are gone, so " +
        "set PINECONE_CLOUD (aws, gcp, azure) and PINECONE_REGION instead of it",
    );

/** A list of these names, with commas between them. */
export const choices = <const Names extends readonly [string, ...string[]]>(...names: Names) =>
  list()
    .pipe(z.array(z.string().toLowerCase().pipe(z.enum(names))).min(1))
    .describe(`one or more of ${names.join(", ")}, with commas between them`);

/** `host:port`, an IPv6 address in brackets. */
export const hostAndPort = () => hostWithPort.describe("a host and port such as 192.0.2.1:53");

export const hostsAndPorts = () =>
  list().pipe(z.array(hostWithPort)).describe("hosts with their ports, such as wiki.local:8080, 127.0.0.1:3000");

const list = () => filled.transform((entries) => entries.split(/[\s,]+/).filter((entry) => entry !== ""));

const hostWithPort = filled
  .regex(/^(?:\[[0-9a-f:.]+\]|[^\s:/@[\]]+):\d{1,5}$/i)
  .refine((entry) => URL.canParse(`http://${entry}`));
/** `64K`, `500M`, `1G`, `1GB`; kept as it is written, see `bytesOf`. */
export const size = () =>
  filled
    .regex(/^\d{1,9}\s*([kmg]i?b?|b)?$/i)
    .refine((written) => bytesOf(written) > 0)
    .describe("a size above 0 such as 64K, 500M or 1G");

/** A size in bytes. */
export function bytesOf(written: string): number {
  const units: Record<string, number> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
  return Number.parseInt(written, 10) * (units[/[kmg]/i.exec(written)?.[0].toLowerCase() ?? ""] ?? 1);
}

/** Names of commands, with commas between them. */
export const names = () =>
  filled
    .transform((list) => list.split(",").map((name) => name.trim()))
    .pipe(z.array(z.string().regex(/^[\w.+@[\]:-]+$/)))
    .describe("names of commands with commas between them, without paths or arguments");

/** `off`, `on`, or hosts with commas between them; kept as it is written. */
export const networkAccess = () =>
  filled
    .toLowerCase()
    .regex(/^(off|on|false|true|(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+(\s*,\s*(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+)*)$/)
    .describe("off, on, or hosts such as pypi.org,*.example.com");

/** A browser, by its name or its path. Those that the original drove and this program cannot are told of where pages are read. */
export const browser = () =>
  filled
    .regex(/[\\/]|chrom|edge|brave|vivaldi|opera|firefox|safari/i)
    .describe("chrome, chromium, edge, or the path of such a browser");
