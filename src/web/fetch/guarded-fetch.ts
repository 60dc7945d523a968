import type { Readable } from "node:stream";
import type { Agent, Dispatcher } from "undici";
import { withDeadline } from "../deadline.js";
import type { Guard } from "../guard/guard.js";
import { siteOf } from "../../base/address.js";
import { codeOf } from "../../base/system-error.js";
import { shownUrl, WebError, webErrorIn } from "../web-error.js";
import type { CookieJar } from "./cookies.js";
import { openAgent } from "./guarded-agent.js";
import { tooLarge, unpacked } from "./unpacked.js";

export type FetchOptions = {
  method?: "GET" | "POST";
  /** Sent to the first origin only: where a redirect leads to another one, they are left out. */
  headers?: Readonly<Record<string, string>>;
  /** Sent wherever a redirect leads. */
  userAgent: string;
  accept: string;
  body?: string;
  cookies?: CookieJar;
  /** For everything together, redirects and the body included. */
  timeoutMs: number;
  /** The longest silence, by default the whole time. */
  idleMs?: number;
  /** Whether the answer may come compressed; yes by default. */
  packed?: boolean;
  /** The most bytes that are read, before and after decompression. */
  mostBytes: number;
  /** Whether the beginning of an answer that is larger is of use; one that announces its size is refused at once else. */
  takesStart?: boolean;
  /** Where the way began that led here, where that was another address: private hosts are open to those who name them. */
  named?: URL | undefined;
  /** Whether redirects are followed within one site only. */
  oneSite?: boolean;
  signal: AbortSignal;
};

/** An answer, whatever its status. The body is read within the function that is given to `guardedFetch`. */
export type Fetched = {
  url: URL;
  status: number;
  header(name: string): string;
  /** In bytes, as announced; null where nothing is. */
  length: number | null;
  body: AsyncIterable<Uint8Array>;
};

const mostRedirects = 10;
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Asks for an address under the guard, follows redirects, and hands the answer to `read`. Nothing stays open afterwards.
 * Throws WebError, which says what is wrong with the page or the way to it, or the reason of `signal`.
 */
export async function guardedFetch<Result>(
  guard: Guard,
  address: URL,
  options: FetchOptions,
  read: (answer: Fetched) => Promise<Result>,
): Promise<Result> {
  const { timeoutMs, signal } = options;
  const what = `reading ${shownUrl(address)}`;
  return withDeadline({ milliseconds: timeoutMs, signal, what }, async (own) => {
    // A redirect from elsewhere does not reach a private host that the user allowed.
    const limits = {
      timeoutMs: options.idleMs ?? timeoutMs,
      closedHosts: !guard.isAllowedHost(options.named ?? address),
    };
    const agent = await openAgent(guard, limits, own);
    try {
      const answer = await follow({ guard, agent, options, signal: own }, address).catch((thrown: unknown) => {
        throw failure(thrown, address);
      });
      return await read(answer);
    } finally {
      void agent.destroy().catch(() => undefined);
    }
  });
}

type Asking = { guard: Guard; agent: Agent; options: FetchOptions; signal: AbortSignal };

async function follow(asking: Asking, address: URL): Promise<Fetched> {
  let url = address;
  for (let count = 0; count <= mostRedirects; count++) {
    const response = await sendAgain(asking, url, address, count > 0);
    const { location } = response.headers;
    if (!redirects.has(response.statusCode) || typeof location !== "string")
      return fetched(asking, { url, first: address }, response);
    response.body.on("error", () => undefined).destroy();
    url = nextUrl(asking, url, location);
  }
  throw new WebError("too-many-redirects", `it redirects more than ${mostRedirects} times; it may go in a circle.`);
}

function nextUrl({ guard, options }: Asking, from: URL, location: string): URL {
  if (options.method === "POST")
    throw new WebError("unreadable", "it redirects what was sent to it, which is not followed.");
  // A header's bytes come as Latin-1; browsers send those beyond ASCII as they are.
  const written = location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
  if (!URL.canParse(written, from.href)) throw new WebError("bad-url", "it redirects to something that is not a URL.");
  const next = guard.check(new URL(written, from.href).href);
  if (options.oneSite === true) refuseOtherSite(from, next);
  return next;
}

/** Throws WebError where an address leads to another site although it was to be read there and nowhere else. */
export function refuseOtherSite(from: URL, to: URL): void {
  if (siteOf(from) === siteOf(to)) return;
  throw new WebError(
    "refused",
    `it leads on to another site, ${siteOf(to)}, which the user has not named; it is not followed, because text that the ` +
      "user did not write may have led there.",
  );
}

/**
 * A connection that was kept from the request before may be closed by now, which shows when it is used. What only asks is
 * then asked once more.
 */
async function sendAgain(asking: Asking, url: URL, first: URL, isKept: boolean): Promise<Dispatcher.ResponseData> {
  try {
    return await send(asking, url, first);
  } catch (thrown) {
    const isClosed = /^(?:UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(codeOf(thrown) ?? "");
    if (!isKept || !isClosed || asking.options.method === "POST") throw thrown;
    return send(asking, url, first);
  }
}

async function send({ agent, options, signal }: Asking, url: URL, first: URL): Promise<Dispatcher.ResponseData> {
  const { default: undici } = await import("undici");
  const { method = "GET", userAgent, accept, body, cookies, headers = {} } = options;
  const cookie = cookies?.header(url);
  const response = await undici.request(url, {
    dispatcher: agent,
    method,
    signal,
    headers: {
      "user-agent": userAgent,
      accept,
      "accept-language": "en;q=0.9, *;q=0.5",
      "accept-encoding": options.packed === false ? "identity" : "gzip, deflate, br",
      ...(url.origin === first.origin && headers),
      ...(cookie !== undefined && { cookie }),
    },
    ...(body !== undefined && { body }),
  });
  cookies?.store(url, [response.headers["set-cookie"] ?? []].flat());
  return response;
}

/** Where an answer came from, and where was asked first. */
type Origin = { url: URL; first: URL };

function fetched({ options }: Asking, { url, first }: Origin, response: Dispatcher.ResponseData): Fetched {
  const { statusCode, headers, body } = response;
  const header = (name: string): string => [headers[name] ?? ""].flat().join(", ");
  const announced = header("content-length");
  const length = /^\d+$/.test(announced) ? Number(announced) : null;
  return {
    url,
    status: statusCode,
    header,
    length,
    body: explained(first, () => {
      if (length !== null && length > options.mostBytes && options.takesStart !== true)
        throw tooLarge(options.mostBytes);
      return unpacked(body as Readable, header("content-encoding"), options.mostBytes);
    }),
  };
}

/** A body whose errors are WebErrors that name the address. */
async function* explained(address: URL, open: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const read = async function* (): AsyncGenerator<Uint8Array> {
    yield* open();
  };
  const chunks = read();
  try {
    for (;;) {
      const next = await chunks.next().catch((thrown: unknown) => {
        throw failure(thrown, address);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await chunks.return(undefined);
  }
}

/** The error of a library as a WebError that begins with the address; what is none of the network's stays as it is. */
function failure(thrown: unknown, address: URL): unknown {
  const known = webErrorIn(thrown);
  if (known) return new WebError(known.kind, `${shownUrl(address)}: ${known.message}`, { cause: thrown });
  const code = codeOf(thrown);
  if (code === undefined) return thrown;
  const [kind, why] = meaning(code);
  return new WebError(kind, `${shownUrl(address)}: ${why} (${code}).`, { cause: thrown });
}

function meaning(code: string): [WebError["kind"], string] {
  if (/CERT|SIGNED|SSL|TLS|VERIFY/.test(code)) return ["no-connection", "no secure connection can be made"];
  if (code.startsWith("Z_") || code.startsWith("ERR_BROTLI") || code === "ERR__ERROR_FORMAT_PADDING_1")
    return ["unreadable", "what it sent cannot be unpacked"];
  if (code.startsWith("HPE_") || code.startsWith("UND_ERR_HEADERS") || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH")
    return ["unreadable", "its answer does not keep to HTTP"];
  if (code === "UND_ERR_BODY_TIMEOUT") return ["too-slow", "it stopped sending"];
  return ["no-connection", "the connection failed"];
}
