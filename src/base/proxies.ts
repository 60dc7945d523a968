/** The user's proxies: for http, for https, for whatever has none of its own; and the hosts that NO_PROXY lists. */
export type Proxies = {
  http?: string | undefined;
  https?: string | undefined;
  all?: string | undefined;
  except?: string | undefined;
};

/** The proxy for a host, or null. `.example.com` and `example.com` also mean everything below; `*` means all. */
export function proxyFor(
  { http, https, all, except = "" }: Proxies,
  { host, port, secure }: { host: string; port: number; secure: boolean },
): URL | null {
  const address = (secure ? https : http) ?? all;
  if (address === undefined) return null;
  const direct = except
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => covers(entry, host.toLowerCase(), port));
  return direct ? null : new URL(address);
}

function covers(entry: string, host: string, port: number): boolean {
  if (entry === "*") return true;
  const [, name = entry, entryPort] = /^(.*?):(\d+)$/.exec(entry) ?? [];
  if (entryPort !== undefined && Number(entryPort) !== port) return false;
  const bare = name.replace(/^\*?\./, "");
  return host === bare || host.endsWith(`.${bare}`);
}
