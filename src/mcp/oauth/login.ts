import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { cleanLine } from "../../base/text.js";
import type { Proxies } from "../../base/proxies.js";
import { messageOf, SettingsError } from "../../errors.js";
import type { ServerConfig } from "../config.js";
import { fetchWithoutRedirects, type Fetch } from "../connect/proxied-fetch.js";
import { loadClient } from "../connect/transport.js";
import { loginInMemory, scopeUnion, type LoginPlace } from "./login-store.js";
import { oauthProvider } from "./provider.js";

export type LoginOptions = {
  store: LoginPlace;
  proxies: Proxies;
  /** Shows the person the address that a browser has to open. */
  show(address: string): void;
  signal: AbortSignal;
  /** How long a browser may take to come back, in milliseconds. */
  waitMs?: number;
};

const usualWaitMs = 10 * 60_000;

/**
 * Logs in at a server elsewhere: a browser of the user's is sent to who gives tokens, and comes back to this machine.
 * Resolves to whether that was needed at all. Throws SettingsError, with what went wrong; what was kept before is then
 * as it was, also where this process is killed.
 */
export async function logIn(config: ServerConfig & { kind: "http" }, options: LoginOptions): Promise<boolean> {
  const { extractWWWAuthenticateParams } = await loadClient();
  const fetchFn = fetchWithoutRedirects(options.proxies);
  const accept = "application/json, text/event-stream";
  const answer = await fetchFn(config.url, {
    method: "POST",
    headers: { accept, "content-type": "application/json", ...config.headers },
    body: JSON.stringify({ jsonrpc: "2.0", id: 0, method: "ping" }),
    signal: options.signal,
  }).catch((thrown: unknown) => {
    throw new SettingsError(`The MCP server ${config.name} cannot be reached: ${messageOf(thrown)}`, { cause: thrown });
  });
  await answer.body?.cancel();
  if (answer.status !== 401 && answer.status !== 403) return false;
  const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(answer);
  const back = await listen();
  try {
    await exchange(config, { ...options, fetchFn, back, resourceMetadataUrl, scope });
    return true;
  } catch (thrown) {
    options.signal.throwIfAborted();
    if (thrown instanceof SettingsError) throw thrown;
    throw new SettingsError(`Nobody was logged in at ${config.name}: ${cleanLine(messageOf(thrown), 400)}`, {
      cause: thrown,
    });
  } finally {
    back.server.closeAllConnections();
    back.server.close();
  }
}

type Exchange = LoginOptions & {
  fetchFn: Fetch;
  back: Back;
  resourceMetadataUrl: URL | undefined;
  scope: string | undefined;
};

async function exchange(
  { url, oauth }: ServerConfig & { kind: "http" },
  { store, show, signal, waitMs = usualWaitMs, fetchFn, back, resourceMetadataUrl, scope }: Exchange,
): Promise<void> {
  const { auth } = await loadClient();
  const state = randomBytes(24).toString("base64url");
  // Registered for the port of an earlier login, a client would be refused; and old tokens would be renewed, not replaced.
  const fresh = loginInMemory();
  const before = await store.read();
  const redirect = (address: URL): void => show(address.href);
  const provider = oauthProvider({ store: fresh, oauth, redirectUrl: back.url, redirect, state });
  const usual = oauth?.scope ?? scope;
  // With what a call lacked the server wants all that it had before: one token holds for all calls.
  const wanted =
    before.missed === undefined ? usual : scopeUnion(usual, before.asked, before.tokens?.scope, before.missed);
  const request = {
    serverUrl: url,
    fetchFn,
    ...(resourceMetadataUrl && { resourceMetadataUrl }),
    ...(wanted !== undefined && { scope: wanted }),
  };
  await auth(provider, request);
  const { code, iss } = await cameBack(back.server, state, AbortSignal.any([signal, AbortSignal.timeout(waitMs)]));
  await auth(provider, { ...request, authorizationCode: code, ...(iss !== null && { iss }) });
  const login = await fresh.read();
  await store.change(({ missed }) => ({
    ...login,
    ...(wanted !== undefined && { asked: wanted }),
    ...(missed !== undefined && { missed }),
  }));
}

type Back = { server: Server; url: string };

/** A place on this machine, and on no other, that a browser can come back to. */
async function listen(): Promise<Back> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback` };
}

/** The first that comes back with our state; whatever else asks is turned away. */
async function cameBack(
  server: Server,
  state: string,
  signal: AbortSignal,
): Promise<{ code: string; iss: string | null }> {
  return new Promise((resolve, reject) => {
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      // Whatever runs on this machine may ask here, in whatever words.
      const asked = URL.canParse(request.url ?? "", "http://127.0.0.1") ? (request.url ?? "") : "/";
      const { pathname, searchParams } = new URL(asked, "http://127.0.0.1");
      const say = (status: number, text: string): void =>
        void response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" }).end(text);
      if (pathname !== "/callback" || searchParams.get("state") !== state) return say(404, "There is nothing here.");
      const code = searchParams.get("code");
      const problem = searchParams.get("error_description") ?? searchParams.get("error") ?? "no code came back";
      say(200, code === null ? "autogpt was not let in." : "autogpt is logged in. You can close this page.");
      if (code !== null) return resolve({ code, iss: searchParams.get("iss") });
      reject(new Error(`the server said no: ${problem}`));
    };
    server.on("request", answer);
    signal.addEventListener("abort", () => reject(new Error("no browser came back in time")), { once: true });
  });
}
