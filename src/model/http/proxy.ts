import type { Agent, AgentOptions } from "node:http";
import { isIP } from "node:net";
import { proxyFor, type Proxies } from "../../base/proxies.js";

/** How a server is reached: through this proxy, or directly. */
export type Way = {
  proxy: URL | null;
  /** What a person has to know where no connection comes about; empty where there is nothing to say. */
  advice: string;
};

/** The way to an address. This machine itself is always reached directly: a proxy would reach another one. */
export function wayTo(address: string, proxies: Proxies = {}): Way {
  const { protocol, hostname, port: written } = new URL(address);
  const secure = protocol === "https:";
  const host = hostname.replace(/^\[|\]$/g, "");
  const port = Number(written) || (secure ? 443 : 80);
  const proxy = isOwnMachine(host) ? null : proxyFor(proxies, { host, port, secure });
  if (proxy !== null) {
    const advice = `It goes through the proxy ${proxy.host}: check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or name its host in NO_PROXY.`;
    return { proxy, advice };
  }
  const [used, other, isOther] = secure
    ? ["HTTPS_PROXY", "HTTP_PROXY", proxies.http !== undefined]
    : ["HTTP_PROXY", "HTTPS_PROXY", proxies.https !== undefined];
  const scheme = protocol.slice(0, -1);
  const isUnused =
    isOther &&
    !isOwnMachine(host) &&
    proxyFor({ ...proxies, [scheme]: proxies.https ?? proxies.http }, { host, port, secure }) !== null;
  return { proxy, advice: isUnused ? `${other} is not used for ${scheme}://; ${used} or ALL_PROXY would be.` : "" };
}

const isOwnMachine = (host: string): boolean =>
  host === "localhost" ||
  host.endsWith(".localhost") ||
  host === "::1" ||
  (isIP(host) === 4 && host.startsWith("127."));

/** What makes connections through a proxy. The packages are loaded with the first one. */
export async function proxyAgent(proxy: URL, secure: boolean, options: AgentOptions): Promise<Agent> {
  if (proxy.protocol.startsWith("socks")) {
    const { SocksProxyAgent } = await import("socks-proxy-agent");
    return new SocksProxyAgent(proxy, options);
  }
  if (secure) {
    const { HttpsProxyAgent } = await import("https-proxy-agent");
    return new HttpsProxyAgent(proxy, options);
  }
  const { HttpProxyAgent } = await import("http-proxy-agent");
  return new HttpProxyAgent(proxy, options);
}
