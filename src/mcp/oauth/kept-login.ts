import type * as Official from "@modelcontextprotocol/client";
import type { AuthProvider, StoredOAuthClientInformation } from "@modelcontextprotocol/client";
import { reasonWithCause } from "../connect/reason.js";
import type { Fetch } from "../connect/proxied-fetch.js";
import type { OAuthOptions } from "../config.js";
import type { Login, LoginPlace } from "./login-store.js";

/** A login is missing, or does not hold any more: a person has to log in. */
export class LoginNeeded extends Error {
  constructor(options?: ErrorOptions) {
    super("it wants a login", options);
    this.name = "LoginNeeded";
  }
}

/** A login could not be renewed, though it may hold still. The request that it was for was refused before it was looked at. */
export class LoginNotRenewed extends Error {
  constructor(cause: unknown) {
    super(`the login there could not be renewed now: ${reasonWithCause(cause)}`, { cause });
    this.name = "LoginNotRenewed";
  }
}

export type KeptLoginOptions = {
  store: LoginPlace;
  /** What the settings say of the client. */
  oauth: OAuthOptions | null;
  /** The server's address. */
  url: string;
  /** Asks who gives tokens: no header for the server goes there. */
  fetchFn: Fetch;
  /** The official client. */
  client: typeof Official;
};

/** How long who gives tokens may take, in milliseconds. */
const longestMs = 30_000;

/**
 * The tokens of a login that is kept, for a run: nobody is sent anywhere, and nobody is asked but who gave them. Several runs may use one login;
 * one of them renews it at a time, and the others go on with what it got, as a token for renewal may hold only once.
 */
export function keptLogin(options: KeptLoginOptions): AuthProvider {
  const { store } = options;
  let used: string | undefined;
  return {
    async token() {
      used = (await store.read()).tokens?.access_token;
      return used;
    },
    async onUnauthorized() {
      const refused = used;
      await store.change((login) => (login.tokens?.access_token === refused ? renewed(login, options) : null));
    },
  };
}

async function renewed(login: Login, { oauth, url, fetchFn, client }: KeptLoginOptions): Promise<Login> {
  const { tokens, discovery } = login;
  const known = clientOf(login, oauth);
  if (tokens?.refresh_token === undefined || discovery === undefined || known === undefined) throw new LoginNeeded();
  const { authorizationServerUrl, authorizationServerMetadata: metadata, resourceMetadata } = discovery;
  if (resourceMetadata && !isFor(resourceMetadata.resource, url, client)) throw new LoginNeeded();
  const limited: Fetch = (address, init) => fetchFn(address, { ...init, signal: AbortSignal.timeout(longestMs) });
  try {
    const fresh = await client.refreshAuthorization(authorizationServerUrl, {
      ...(metadata && { metadata }),
      ...{ clientInformation: known, refreshToken: tokens.refresh_token, fetchFn: limited },
      ...(resourceMetadata && { resource: new URL(resourceMetadata.resource) }),
    });
    return { ...login, tokens: { ...tokens, ...fresh } };
  } catch (thrown) {
    if (isRefusal(thrown, client)) throw new LoginNeeded({ cause: thrown });
    throw new LoginNotRenewed(thrown);
  }
}

function clientOf({ client }: Login, oauth: OAuthOptions | null): StoredOAuthClientInformation | undefined {
  if (oauth?.clientId === undefined) return client;
  const { clientId, clientSecret } = oauth;
  return { client_id: clientId, ...(clientSecret !== undefined && { client_secret: clientSecret }) };
}

const isFor = (resource: string, url: string, client: KeptLoginOptions["client"]): boolean =>
  client.checkResourceAllowed({ requestedResource: new URL(url), configuredResource: resource });

/** Answers of who gives tokens behind which it may give them later. */
const passing: ReadonlySet<string> = new Set(["server_error", "temporarily_unavailable", "too_many_requests"]);

const isRefusal = (thrown: unknown, { OAuthError }: KeptLoginOptions["client"]): boolean =>
  thrown instanceof OAuthError && !passing.has(thrown.code);
