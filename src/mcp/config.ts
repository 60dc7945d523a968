import { createMask } from "../base/mask.js";
import { secretValues } from "../settings/environment/expand-variables.js";

/** How a server is reached, and where that is written. */
export type ServerConfig = {
  /** The part of its commands' names before the dot. */
  name: string;
  /** The file that names it. */
  file: string;
  /** How long a call may be silent, in milliseconds. */
  timeoutMs: number;
  /** Values of the user's variables in it that nobody else is to see. */
  secrets?: readonly string[];
} & (
  | {
      kind: "stdio";
      command: string;
      args: readonly string[];
      env: Readonly<Record<string, string>>;
      cwd: string;
      /** It runs in a sandbox without network, and sees no other files than those that it is given. */
      sandbox: boolean;
    }
  | {
      kind: "http";
      url: string;
      headers: Readonly<Record<string, string>>;
      /** What the user has of a client at the server's login; null where it is registered by itself. */
      oauth: OAuthOptions | null;
    }
);

/** A client that is known where a server's tokens are given. */
export type OAuthOptions = {
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  /** Where the document lies that describes the client. */
  clientMetadataUrl?: string | undefined;
  scope?: string | undefined;
};

/** Servers as a file has them: each by its name, nothing looked at yet. */
export type WrittenServers = { servers: Readonly<Record<string, unknown>>; file: string };

/** A server and where it is written, for messages. */
export const placeOf = ({ file, name }: Pick<ServerConfig, "file" | "name">): string =>
  `${file}: the MCP server ${JSON.stringify(name.slice(0, 60))}`;

/** Texts in these servers' headers, environments and variables that nobody else is to see. */
export const secretsOf = (configs: readonly ServerConfig[]): string[] =>
  configs.flatMap((config) => [
    ...secretValues(
      config.kind === "http" ? { ...config.headers, secret: config.oauth?.clientSecret ?? "" } : config.env,
    ),
    ...(config.secrets ?? []),
  ]);

/** What a person is told of a server before it is started for the first time: what runs, or which host is asked. */
export function inWords(config: ServerConfig): string {
  if (config.kind === "http") return `${config.name}: asks ${new URL(config.url).host}`;
  // A key is no part of what is agreed to; what is no single word may be a program, and is shown.
  const hidden = createMask((config.secrets ?? []).filter((value) => /^[\w.~+/=:-]+$/.test(value)));
  const line = [config.command, ...hidden(config.args)].join(" ");
  const names = Object.keys(config.env);
  const where = config.sandbox ? " in a sandbox without network" : "";
  return `${config.name}: runs ${line}${where}${names.length === 0 ? "" : `, with ${names.join(", ")}`}`;
}

/** What of a server must stay the same for trust in it to last; secrets in it are not among it. */
export const identityOf = (config: ServerConfig): readonly unknown[] =>
  config.kind === "http"
    ? ["http", config.url, Object.keys(config.headers).sort()]
    : [
        ...["stdio", config.cwd, config.command, config.args, Object.keys(config.env).sort()],
        // What was trusted in a sandbox is not trusted outside it.
        ...(config.sandbox ? ["sandbox"] : []),
      ];
