import type { Agent } from "node:http";
import { Readable } from "node:stream";
import { proxyAgent, wayTo } from "../../model/http/proxy.js";
import type { Proxies } from "../../base/proxies.js";

export type Fetch = (address: string | URL, options?: RequestInit) => Promise<Response>;

/** `fetch` that asks through the user's proxies, where these are for the address; others are asked directly. */
export const fetchBy =
  (proxies: Proxies): Fetch =>
  async (address, options) => {
    const { proxy } = wayTo(String(address), proxies);
    return proxy === null ? fetch(address, options) : fetchThrough(proxy, new URL(address), options);
  };

/** For who gives tokens: that one is named by the server; where it sends on to is named by nobody. */
export const fetchWithoutRedirects =
  (proxies: Proxies): Fetch =>
  (address, options) =>
    fetchBy(proxies)(address, { ...options, redirect: "error" });

/** Statuses whose answer has no body, as `Response` wants it. */
const withoutBody: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/** Node's own `fetch` knows no proxy in all versions that we run on. */
async function fetchThrough(proxy: URL, address: URL, options: RequestInit = {}): Promise<Response> {
  const { default: fetch } = (await import("node-fetch")) as unknown as NodeFetch;
  const agent = await proxyAgent(proxy, address.protocol === "https:", {});
  const { status, statusText, headers, body } = await fetch(address, { ...options, agent });
  const stream = withoutBody.has(status) || body === null ? null : Readable.toWeb(body);
  const answer = new Response(stream as ReadableStream<Uint8Array> | null, {
    status,
    statusText,
    headers: [...headers],
  });
  Object.defineProperty(answer, "url", { value: address.href });
  return answer;
}

/** node-fetch's own types follow an older standard; what is used here is the same in both. */
type NodeFetch = {
  default: (
    address: URL,
    options: RequestInit & { agent: Agent },
  ) => Promise<{ status: number; statusText: string; headers: Iterable<[string, string]>; body: Readable | null }>;
};
