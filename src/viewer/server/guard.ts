import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Which requests are answered: those of somebody who was given the address, from the page that it leads to. */
export interface Guard {
  readonly token: string;
  /** Why this request is refused, with its status; null where it is not. `mayNavigate`: the token may stand in the address. */
  refusal(request: IncomingMessage, options: { port: number; mayNavigate: boolean }): Refusal | null;
}

export type Refusal = { status: 401 | 403; text: string };

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** `127.0.0.1` and this port, to the letter: another name for this machine may be one that somebody else gives out. */
export const hostOf = (port: number): string => `127.0.0.1:${port}`;

export function createGuard(token = randomBytes(32).toString("base64url")): Guard {
  const wanted = digest(token);
  return {
    token,
    refusal(request, { port, mayNavigate }) {
      const { host, origin, authorization, "sec-fetch-site": site } = request.headers;
      if (host !== hostOf(port)) return { status: 403, text: "This host is not served here." };
      if (origin !== undefined && origin !== `http://${hostOf(port)}`) return otherPage;
      // A browser says where a request comes from; only the address itself may be opened from elsewhere.
      if (!mayNavigate && site !== undefined && site !== "same-origin") return otherPage;
      if (request.method !== "GET" && origin === undefined) return otherPage;
      const given = mayNavigate ? tokenIn(request.url) : /^Bearer (\S+)$/.exec(authorization ?? "")?.[1];
      // Compared as hashes, which have one length, in a time that says nothing.
      return timingSafeEqual(digest(given ?? ""), wanted)
        ? null
        : { status: 401, text: "The token is missing or wrong." };
    },
  };
}

const otherPage: Refusal = { status: 403, text: "This was not asked by the page that is served here." };

const tokenIn = (url = ""): string | undefined => /^\/\?token=([\w-]+)$/.exec(url)?.[1];
