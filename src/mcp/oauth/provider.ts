import type { OAuthClientProvider, OAuthDiscoveryState } from "@modelcontextprotocol/client";
import type { OAuthOptions } from "../config.js";
import type { Login, LoginPlace } from "./login-store.js";

export type ProviderOptions = {
  store: LoginPlace;
  /** What the settings say of the client. */
  oauth: OAuthOptions | null;
  /** Where a browser comes back to. */
  redirectUrl: string;
  /** Sends the person to this address. */
  redirect(url: URL): void;
  state: string;
};

/** What the official client asks of who logs in: what it keeps goes into the store, but for what belongs to one login alone. */
export function oauthProvider({ store, oauth, redirectUrl, redirect, state }: ProviderOptions): OAuthClientProvider {
  let verifier = "";
  let discovery: OAuthDiscoveryState | undefined;
  const change = (part: Partial<Login>): Promise<void> => store.change((login) => ({ ...login, ...part }));
  return {
    redirectUrl,
    ...(oauth?.clientMetadataUrl !== undefined && { clientMetadataUrl: oauth.clientMetadataUrl }),
    clientMetadata: {
      client_name: "autogpt",
      redirect_uris: [redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: oauth?.clientSecret === undefined ? "none" : "client_secret_post",
      ...(oauth?.scope !== undefined && { scope: oauth.scope }),
    },
    state: () => state,
    async clientInformation() {
      if (oauth?.clientId !== undefined)
        return {
          client_id: oauth.clientId,
          ...(oauth.clientSecret !== undefined && { client_secret: oauth.clientSecret }),
        };
      return (await store.read()).client;
    },
    // One that the settings name is not written down.
    saveClientInformation: async (client) => (oauth?.clientId === undefined ? change({ client }) : undefined),
    tokens: async () => (await store.read()).tokens,
    saveTokens: (tokens) => change({ tokens }),
    saveCodeVerifier: (text) => void (verifier = text),
    codeVerifier: () => verifier,
    async saveDiscoveryState(found) {
      discovery = found;
      await change({ discovery: found });
    },
    discoveryState: async () => discovery ?? (await store.read()).discovery,
    redirectToAuthorization: (url) => redirect(url),
    invalidateCredentials: (scope) =>
      store.change(({ client, tokens, discovery: kept, ...others }) =>
        scope === "all"
          ? {}
          : {
              ...others,
              ...(client && scope !== "client" && { client }),
              ...(tokens && scope !== "tokens" && { tokens }),
              ...(kept && scope !== "discovery" && { discovery: kept }),
            },
      ),
  };
}
