/** In seconds. Longer ones are for people who are to read something before they go on. */
const longestDelay = 5;

/** Where `5; url=…` leads, in a header or a page; null where it takes longer or leads nowhere. */
export function refreshTarget(content: string, base: string): string | null {
  const [, delay = "", address] = /^\s*([\d.]*)\s*[;,\s]\s*(?:url\s*=)?\s*["']?([^"']+)/i.exec(content) ?? [];
  if (address === undefined || Number(delay || 0) > longestDelay || !URL.canParse(address.trim(), base)) return null;
  const target = new URL(address.trim(), base);
  return /^https?:$/.test(target.protocol) ? target.href : null;
}
