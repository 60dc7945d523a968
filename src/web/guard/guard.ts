import { withScheme } from "../../base/address.js";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import type { Duplex } from "node:stream";
import { WebError } from "../web-error.js";
import { dial, dialThrough } from "./dial.js";
import { proxyFor, type Proxies } from "../../base/proxies.js";
import { canonicalAddress, createAddressCheck } from "./public-address.js";
import { createResolver } from "./resolve-name.js";

export type GuardOptions = {
  /** `host:port` of single private hosts that may be reached all the same. */
  allowedHosts: readonly string[];
  /** `host:port` of the name server to ask in place of the system's. */
  dnsServer?: string | undefined;
  proxies: Proxies;
  /** How long making one connection may take. */
  connectMs: number;
};

/** Where a connection is to go, as a URL names it. */
export type Target = { host: string; port: number; secure: boolean };

/** Makes connections to the public internet only. Every address that a model may have named is asked through it. */
export interface Guard {
  /** The address as a URL, where it may be asked at all. Opens nothing. Throws WebError. */
  check(address: string): URL;
  /** Whether this URL is at one of the allowed private hosts. */
  isAllowedHost(url: URL): boolean;
  /**
   * An open connection, to an address that was looked up and checked for this connection alone. Throws WebError.
   * `closedHosts`: the allowed private hosts are refused, too.
   */
  connect(target: Target, signal: AbortSignal, options?: { closedHosts?: boolean }): Promise<Duplex>;
}

export function createGuard({ allowedHosts, dnsServer, proxies, connectMs }: GuardOptions): Guard {
  const isPublic = createAddressCheck();
  const resolve = createResolver(dnsServer);
  const open = new Set(allowedHosts.map(hostName));
  const isOpen = (host: string, port: number): boolean => open.has(`${bareHost(host)}:${port}`);
  const isPrivate = (address: string): boolean => !isPublic(address) || isOwn(address);
  const isPrivateHost = (host: string): boolean => isLocalName(host) || (isIP(host) !== 0 && isPrivate(host));
  return {
    check(address) {
      const url = parse(address);
      const host = bareHost(url.hostname);
      if (!isOpen(host, portOf(url)) && isPrivateHost(host)) throw refused(host);
      return url;
    },
    isAllowedHost: (url) => isOpen(url.hostname, portOf(url)),
    async connect({ host: written, port, secure }, signal, { closedHosts = false } = {}) {
      const host = bareHost(written);
      const isOpened = isOpen(host, port);
      const isAllowedHost = isOpened && !closedHosts;
      const refusal = isOpened ? closedHost : refused;
      if (!isAllowedHost && isPrivateHost(host)) throw refusal(host);
      const addresses = isIP(host) === 0 ? await resolve(host, signal) : [host];
      // A name with one private address is refused, since it cannot be known which one will be used.
      const isInside = addresses.some(isPrivate);
      if (!isAllowedHost && isInside) throw refusal(host);
      const destination = { addresses, port, timeoutMs: connectMs };
      // A proxy leads to the public internet; private hosts are asked directly.
      const proxy = isInside ? null : proxyFor(proxies, { host, port, secure });
      return proxy ? dialThrough(proxy, destination, signal) : dial(destination, signal);
    },
  };
}

/** The port of a URL, the protocol's own where none is written. */
export const portOf = ({ port, protocol }: URL): number => (port === "" ? (protocol === "https:" ? 443 : 80) : +port);

/** Without the brackets of IPv6 and the dot of the root, in lower case. */
export const bareHost = (host: string): string =>
  host
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();

/** `host:port` in the spelling in which hosts are compared. */
function hostName(host: string): string {
  const url = new URL(`http://${host}`);
  return `${bareHost(url.hostname)}:${portOf(url)}`;
}

const isLocalName = (host: string): boolean => host === "localhost" || host.endsWith(".localhost") || host === "";

/** Whether an address is one of this machine's own, which may be public. */
function isOwn(address: string): boolean {
  const own = canonicalAddress(address);
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => canonicalAddress(one.address) === own));
}

function parse(address: string): URL {
  const text = address.trim();
  if (text === "") throw new WebError("bad-url", 'the URL is empty. Give one such as "https://example.com/page".');
  const full = withScheme(text);
  if (!URL.canParse(full)) {
    throw new WebError(
      "bad-url",
      `${JSON.stringify(shortened(text))} is not a URL. Give one such as "https://example.com/page".`,
    );
  }
  const url = new URL(full);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new WebError(
      "refused",
      `addresses that begin with ${shortened(url.protocol)} are refused: only http and https can be used.`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new WebError(
      "refused",
      `the URL of ${url.host} carries a user name or password, which is refused. Leave it out.`,
    );
  }
  return url;
}

const shortened = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

const refused = (host: string): WebError =>
  new WebError(
    "refused",
    `${shortened(host)} is refused: it lies in a private network or on this machine, and only the public web can be ` +
      "reached. The user can allow a single host with BROWSE_ALLOWED_PRIVATE_HOSTS=host:port.",
  );

const closedHost = (host: string): WebError =>
  new WebError(
    "refused",
    `${shortened(host)} is refused here: the user allowed it for addresses that name it, and a page of another host led there. ` +
      "Browse that address itself if it is needed.",
  );
