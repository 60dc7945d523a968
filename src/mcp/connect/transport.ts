import type { Client } from "@modelcontextprotocol/client";
import { loadPackage } from "../../base/packages/added.js";
import { startedByRun } from "../../base/process/started-by-run.js";
import { howToAdd } from "../../base/packages/parts.js";
import type { Proxies } from "../../base/proxies.js";
import type { ConfinedServer, ServerProgram } from "../../sandbox/confined-server.js";
import { codeOf } from "../../base/system-error.js";
import { SettingsError } from "../../errors.js";
import type { ServerConfig } from "../config.js";
import { loginStore, scopeUnion, secretsOfLogin } from "../oauth/login-store.js";
import { keptLogin } from "../oauth/kept-login.js";
import { fetchBy, fetchWithoutRedirects } from "./proxied-fetch.js";
import { endProgram } from "./end-program.js";
import { collectLines } from "./whole-lines.js";

type Transport = Parameters<Client["connect"]>[0];

/** A way to a server that was not gone yet, and what has been heard from it besides answers. */
export type Way = {
  transport: Transport;
  /** The last that a started program has written to standard error. */
  lastWords(): string;
  /** Tells when the answer to a call was cut off on its way, until what it gives is called. */
  onCut(listener: () => void): () => void;
  /** The scopes that the login lacked for what was asked last, as the server names them; null where it did not say so. */
  lacking(): string | null;
  /** Texts that it is asked with, and that nobody else is to see. */
  secrets(): Promise<readonly string[]>;
  /** Ends what is at its other end; `close` closes the client. */
  end(close: () => Promise<void>): Promise<void>;
};

const mostBytes = 64 << 20;
const keptCharacters = 2_000;

const missing = (cause: unknown): SettingsError =>
  new SettingsError(
    `The package @modelcontextprotocol/client is not there, and MCP servers need it. ${howToAdd("mcp")}`,
    {
      cause,
    },
  );

/** The official client; it is loaded where a server is configured. Throws SettingsError where it is not installed. */
export const loadClient = () =>
  loadPackage("@modelcontextprotocol/client", () => import("@modelcontextprotocol/client")).catch((thrown: unknown) => {
    if (codeOf(thrown) === "ERR_MODULE_NOT_FOUND" || codeOf(thrown) === "MODULE_NOT_FOUND") throw missing(thrown);
    throw thrown;
  });

/** A new way to a server. Nothing is started or asked before a client connects by it. */
export const wayTo = (config: ServerConfig, options: WayOptions): Promise<Way> =>
  config.kind === "stdio" ? programOf(config, options) : addressOf(config, options);

export type WayOptions = {
  /** The user's proxies, for servers elsewhere. */
  proxies?: Proxies;
  /** The folder in which logins at servers elsewhere are kept. */
  logins?: string;
  /** Confines those that are to run in a sandbox. Rejects with an Error that says why it cannot. */
  confine?(server: ServerProgram): Promise<ConfinedServer>;
};

async function programOf(config: ServerConfig & { kind: "stdio" }, { confine }: WayOptions): Promise<Way> {
  const { env, cwd } = config;
  if (config.sandbox && confine === undefined) throw new Error("no sandbox can be made for it here");
  const confined = config.sandbox ? await confine?.(config) : undefined;
  const { command, args } = confined ?? config;
  const { StdioClientTransport, getDefaultEnvironment } = await loadPackage(
    "@modelcontextprotocol/client/stdio",
    () => import("@modelcontextprotocol/client/stdio"),
  );
  // No key of ours is in its environment unless it is named.
  const transport = new StdioClientTransport({
    ...{ command, stderr: "pipe", maxBufferSize: mostBytes },
    // Inside, there is a folder of this path, whether or not there is one outside.
    ...(confined === undefined && { cwd }),
    args: [...args],
    env: { ...getDefaultEnvironment(), ...confined?.environment, ...env, [startedByRun]: "1" },
  });
  collectLines(transport, mostBytes);
  let said = "";
  transport.stderr?.on("data", (chunk: Buffer) => void (said = (said + chunk.toString()).slice(-keptCharacters)));
  return {
    transport,
    lastWords: () => said.trim(),
    onCut: () => () => undefined,
    lacking: () => null,
    secrets: () => Promise.resolve([]),
    async end(close) {
      await endProgram(transport.pid, close);
      await confined?.ended();
    },
  };
}

async function addressOf(
  { url, headers, oauth }: ServerConfig & { kind: "http" },
  { proxies = {}, logins }: WayOptions,
): Promise<Way> {
  const login = logins === undefined ? null : loginStore(logins, url);
  // Where nobody has logged in, nobody is registered anywhere for a run.
  const isLoggedIn = login !== null && (await login.read()).tokens !== undefined;
  const client = await loadClient();
  const { StreamableHTTPClientTransport, extractWWWAuthenticateParams } = client;
  let lacking: string | null = null;
  let refusals = 0;
  const noteLacking = async (answer: Response): Promise<void> => {
    const { error, scope } = extractWWWAuthenticateParams(answer);
    if (error !== "insufficient_scope") return;
    lacking = scopeUnion(scope) ?? "";
    refusals += 1;
    if (login === null || !isLoggedIn) return;
    // It is told in any case; where it cannot be kept, the next login asks for what this one did.
    const keep = login.change((kept) => {
      const missed = scopeUnion(kept.missed, scope);
      return missed === undefined || missed === kept.missed ? null : { ...kept, missed };
    });
    await keep.catch(() => undefined);
  };
  const listeners = new Set<() => void>();
  const bodies: Bodies = new Set();
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...headers }, redirect: "error" },
    ...(isLoggedIn && {
      authProvider: keptLogin({ store: login, oauth, url, client, fetchFn: fetchWithoutRedirects(proxies) }),
    }),
    fetch: async (address, options) => {
      const before = refusals;
      const answer = await fetchBy(proxies)(address, options);
      const isCall = options?.method === "POST";
      if (answer.status === 403) await noteLacking(answer);
      // Neither what is asked on the way to a login, nor what was asked before the refusal, tells that it no longer holds.
      else if (answer.ok && isCall && before === refusals && String(address) === url) lacking = null;
      return watched(answer, bodies, () => (isCall ? listeners.forEach((listener) => listener()) : undefined));
    },
  });
  return {
    transport,
    lastWords: () => "",
    lacking: () => lacking,
    onCut(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    secrets: async () => (login === null ? [] : secretsOfLogin(await login.read())),
    // A stream that the client has resumed stays open behind its own close, and would keep this process alive.
    end: (close) => close().then(() => cancelAll(bodies)),
  };
}

/** The bodies of answers that are being read. */
type Bodies = Set<ReadableStreamDefaultReader<Uint8Array>>;

const cancelAll = async (bodies: Bodies): Promise<void> =>
  void (await Promise.all([...bodies].map((body) => body.cancel().catch(() => undefined))));

/**
 * The same answer, its body among those that are being read; `cut` is called where its body ends with an error, which the client itself would pass over until its
 * time is up. A body that is too large is one of these errors.
 */
function watched(answer: Response, bodies: Bodies, cut: () => void): Response {
  if (answer.body === null) return answer;
  const reader = answer.body.getReader();
  bodies.add(reader);
  let bytes = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          bodies.delete(reader);
          return controller.close();
        }
        bytes += value.byteLength;
        if (bytes > mostBytes) throw new Error(`the answer is larger than ${mostBytes >> 20} MB`);
        controller.enqueue(value);
      } catch (thrown) {
        bodies.delete(reader);
        cut();
        await reader.cancel().catch(() => undefined);
        controller.error(thrown);
      }
    },
    cancel(reason) {
      bodies.delete(reader);
      return reader.cancel(reason);
    },
  });
  const { status, statusText, headers } = answer;
  const copy = new Response(body, { status, statusText, headers });
  Object.defineProperty(copy, "url", { value: answer.url });
  return copy;
}
