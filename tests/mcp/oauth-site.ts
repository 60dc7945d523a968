import { createHash, randomBytes, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { NodeStreamableHTTPServerTransport } from "@modelcontextprotocol/node";
import { McpServer } from "@modelcontextprotocol/server";
import { listenLocally } from "../support/services/local-server.js";

type Asked = { client: string; redirect: string; challenge: string };

/** An MCP server that wants a login, with whoever gives its tokens beside it: RFC 6749, 7591, 7636, 8414, 9207, 9728. */
export type OAuthSite = {
  url: string;
  /** What was asked of who gives tokens, in order: register, authorize, and the kinds of grants. */
  asked: string[];
  /** Tokens that were given do not hold any more; the other kind, to renew them, with `all`. */
  expire(all?: boolean): void;
  /** The scopes of each login that was asked for, in order. */
  scopes: string[];
  /** A scope that calls of tools take besides; null: none. */
  callsTake: string | null;
  /** What whoever is asked for a login answers from now on. */
  refuse: boolean;
  /** Who gives tokens cannot do so at the moment. */
  isDown: boolean;
  /** The values of `x-api-key` that whoever gives tokens was asked with. */
  keys: string[];
};

/** `documents`: clients may name themselves by the address of a document. */
export async function oauthSite(t: TestContext, { documents = false } = {}): Promise<OAuthSite> {
  const clients = new Map<string, string[]>();
  const codes = new Map<string, Asked>();
  let valid = new Set<string>();
  let renewing = new Set<string>();
  let granted: string[] = [];
  const server = new McpServer({ name: "notes", version: "1" });
  server.registerTool("who", { description: "Says how it was asked" }, (extra) => ({
    content: [{ type: "text", text: `asked with ${extra.http?.req?.headers.get("authorization") ?? "nothing"}` }],
  }));
  const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID() });
  await server.connect(transport);

  const tokens = (): object => {
    const [access, refresh] = [randomBytes(18).toString("base64url"), randomBytes(18).toString("base64url")];
    valid.add(access);
    renewing.add(refresh);
    return { access_token: access, refresh_token: refresh, token_type: "Bearer", expires_in: 3600 };
  };
  const grant = (form: URLSearchParams): object | null => {
    site.asked.push(form.get("grant_type") ?? "");
    if (form.get("grant_type") === "refresh_token")
      return renewing.delete(form.get("refresh_token") ?? "") ? tokens() : null;
    const code = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const isRight =
      code?.challenge === challenge &&
      code.redirect === form.get("redirect_uri") &&
      code.client === form.get("client_id");
    return isRight ? tokens() : null;
  };
  const authorize = (query: URLSearchParams): string | null => {
    site.asked.push("authorize");
    granted = (query.get("scope") ?? "").split(" ");
    site.scopes.push(granted.join(" "));
    const [client, redirect] = [query.get("client_id") ?? "", query.get("redirect_uri") ?? ""];
    const isKnown = clients.get(client)?.includes(redirect) ?? (documents && client.startsWith("https://"));
    if (!isKnown || query.get("code_challenge_method") !== "S256") return null;
    const code = randomUUID();
    codes.set(code, { client, redirect, challenge: query.get("code_challenge") ?? "" });
    const answer = new URL(redirect);
    answer.searchParams.set("state", query.get("state") ?? "");
    answer.searchParams.set("iss", issuer);
    if (site.refuse) answer.searchParams.set("error", "access_denied");
    else answer.searchParams.set("code", code);
    return answer.href;
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? "/", issuer);
    const json = (body: object | null): void =>
      void response
        .writeHead(body === null ? 400 : 200, { "content-type": "application/json" })
        .end(JSON.stringify(body ?? { error: "invalid_grant" }));
    switch (pathname) {
      case "/mcp": {
        const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
        const body = await bodyOf(request);
        const isLacking = site.callsTake !== null && body.includes("tools/call") && !granted.includes(site.callsTake);
        if (valid.has(token) && isLacking) {
          const scope = `error="insufficient_scope", scope="${site.callsTake}", resource_metadata="${issuer}/resource"`;
          return void response.writeHead(403, { "www-authenticate": `Bearer ${scope}` }).end();
        }
        if (valid.has(token))
          return transport.handleRequest(request, response, body === "" ? undefined : JSON.parse(body));
        const challenge = `Bearer resource_metadata="${issuer}/resource", scope="notes"`;
        return void response.writeHead(401, { "www-authenticate": challenge }).end();
      }
      case "/resource":
        return json({ resource: `${issuer}/mcp`, authorization_servers: [issuer] });
      case "/.well-known/oauth-authorization-server":
        return json({
          ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
          ...{ registration_endpoint: `${issuer}/register`, response_types_supported: ["code"] },
          ...{ code_challenge_methods_supported: ["S256"], token_endpoint_auth_methods_supported: ["none"] },
          ...{ authorization_response_iss_parameter_supported: true, client_id_metadata_document_supported: documents },
        });
      case "/register": {
        site.asked.push("register");
        const wanted = JSON.parse(await bodyOf(request)) as { redirect_uris: string[] };
        const client = randomUUID();
        clients.set(client, wanted.redirect_uris);
        return json({ ...wanted, client_id: client });
      }
      case "/authorize": {
        const location = authorize(searchParams);
        return void response.writeHead(location === null ? 400 : 302, location === null ? {} : { location }).end();
      }
      case "/token":
        site.keys.push(...[request.headers["x-api-key"] ?? []].flat());
        if (site.isDown) return void response.writeHead(503).end("later");
        return json(grant(new URLSearchParams(await bodyOf(request))));
      default:
        return void response.writeHead(404).end();
    }
  };
  const http = createServer((request, response) => void handle(request, response));
  const issuer = `http://127.0.0.1:${await listenLocally(http)}`;
  t.after(async () => {
    http.closeAllConnections();
    http.close();
    await server.close();
  });
  const site: OAuthSite = {
    url: `${issuer}/mcp`,
    asked: [],
    scopes: [],
    callsTake: null,
    refuse: false,
    isDown: false,
    keys: [],
    expire(all = false) {
      valid = new Set();
      if (all) renewing = new Set();
    },
  };
  return site;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
