import { monotonicMs } from "../../base/stopwatch.js";

type Cookie = { name: string; value: string; path: string; secure: boolean; expires: number };

/** Cookies of one run, each for the host that set it and for no other. They are never on disk. */
export interface CookieJar {
  /** The Cookie header for this URL; undefined where there is none. */
  header(url: URL): string | undefined;
  /** Takes the Set-Cookie headers of an answer from this URL. */
  store(url: URL, headers: readonly string[]): void;
}

const mostPerHost = 50;
const longestCookie = 4096;

/** As RFC 6265 says, except that the Domain attribute is not followed. */
export function createCookieJar(): CookieJar {
  const hosts = new Map<string, Cookie[]>();
  return {
    header(url) {
      const sent = (hosts.get(url.hostname) ?? []).filter(
        (cookie) =>
          cookie.expires > monotonicMs() &&
          pathMatches(url.pathname, cookie.path) &&
          (!cookie.secure || url.protocol === "https:"),
      );
      return sent.length === 0 ? undefined : sent.map(({ name, value }) => `${name}=${value}`).join("; ");
    },
    store(url, headers) {
      for (const header of headers) {
        const cookie = parseCookie(header, url);
        if (cookie === null) continue;
        const others = (hosts.get(url.hostname) ?? []).filter(
          ({ name, path }) => name !== cookie.name || path !== cookie.path,
        );
        hosts.set(url.hostname, [...others, cookie].slice(-mostPerHost));
      }
    },
  };
}

function parseCookie(header: string, url: URL): Cookie | null {
  const [pair = "", ...attributes] = header.split(";").map((part) => part.trim());
  const equals = pair.indexOf("=");
  if (equals < 1 || header.length > longestCookie || /[\0-\x1f\x7f]/.test(header)) return null;
  const given = new Map(
    attributes.map((attribute) => {
      const [name = "", value = ""] = attribute.split(/=(.*)/s);
      return [name.toLowerCase(), value];
    }),
  );
  const path = given.get("path") ?? "";
  return {
    name: pair.slice(0, equals),
    value: pair.slice(equals + 1),
    path: path.startsWith("/") ? path : url.pathname.replace(/\/[^/]*$/, "") || "/",
    secure: given.has("secure"),
    expires: expiry(given.get("max-age"), given.get("expires")),
  };
}

/** When a cookie ends, by the clock that nobody sets: only how long it is until then is read off the other one. */
function expiry(maxAge: string | undefined, expires: string | undefined): number {
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return monotonicMs() + Number(maxAge) * 1000;
  const date = Date.parse(expires ?? "");
  return Number.isNaN(date) ? Infinity : monotonicMs() + date - Date.now();
}

const pathMatches = (asked: string, path: string): boolean =>
  asked === path || asked.startsWith(path.endsWith("/") ? path : `${path}/`);
