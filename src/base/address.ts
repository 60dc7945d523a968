/** Whether the server at this address is OpenAI's own. */
export const isOpenAi = (address: string): boolean => /(^|\.)openai\.com$/i.test(new URL(address).hostname);

/** Whether an address leads to this very machine, by its name or by an address of the loopback. */
export const isOnThisMachine = (address: string): boolean =>
  /^(localhost|[^.]+\.localhost|127(\.\d+){3}|\[::1\])\.?$/i.test(new URL(address).hostname);

/** The host of an address as it is compared: without the dot of the root and a leading www., with a port that is not the protocol's own. */
export const siteOf = ({ hostname, port }: URL): string =>
  hostname
    .toLowerCase()
    .replace(/\.$/, "")
    .replace(/^www\./, "") + (port === "" ? "" : `:${port}`);

/** The address as it is compared: whatever the protocol, without the part behind `#` and a slash at the end of its path. */
export const addressKey = (url: URL): string => `${siteOf(url)}${url.pathname.replace(/\/+$/, "")}${url.search}`;

/** Adds https:// where there is no scheme; in `example.com:8080` there is none, though it looks like one. */
export function withScheme(text: string): string {
  if (text.startsWith("//")) return `https:${text}`;
  if (/^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text)) return text;
  return `https://${text}`;
}
