import { dirname, join, resolve } from "node:path";
import * as z from "zod";
import { parseJson } from "../base/json.js";
import { SettingsError } from "../errors.js";
import { expandVariables, secretValues } from "../settings/environment/expand-variables.js";
import { readTextFile } from "../settings/text-file.js";

/** How a server is reached, and where that is written. */
export type ServerConfig = {
  /** The part of its commands' names before the dot. */
  name: string;
  /** The file that names it. */
  file: string;
  /** How long a call may be silent, in milliseconds. */
  timeoutMs: number;
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

const usualTimeoutMs = 120_000;
const texts = () => z.record(z.string(), z.string("must be a text"));

/** The form that other programs use, too; what they add besides is left alone. */
const written = () =>
  z.object({
    command: z.string("must be a text").min(1, "must not be empty").optional(),
    args: z.array(z.string("must be a list of texts"), "must be a list of texts").optional(),
    env: texts().optional(),
    cwd: z.string("must be a text").optional(),
    type: z.enum(["stdio", "http", "streamable-http", "streamableHttp", "sse"], "must be stdio or http").optional(),
    url: z.url("must be an address").optional(),
    headers: texts().optional(),
    // In YAML that is read as it is written, these are texts.
    timeout: z
      .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], "must be a number of milliseconds")
      .refine((ms) => ms > 0, "must be a number of milliseconds")
      .optional(),
    disabled: yesNo(),
    sandbox: yesNo(),
    oauth: z
      .object({
        clientId: z.string("must be a text").optional(),
        clientSecret: z.string("must be a text").optional(),
        clientMetadataUrl: z.url({ protocol: /^https$/, error: "must be an address with https" }).optional(),
        scope: z.string("must be a text").optional(),
      })
      .optional(),
  });

const yesNo = () =>
  z
    .union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")], "must be true or false")
    .optional();

const nameForm = /^[A-Za-z0-9_-]{1,40}$/;

/** The `.mcp.json` of a folder, as other programs write it; null where there is none. Throws SettingsError where it cannot be read. */
export async function readMcpJson(folder: string): Promise<WrittenServers | null> {
  const file = join(folder, ".mcp.json");
  const text = await readTextFile(file);
  if (text === null) return null;
  const read = z.object({ mcpServers: z.record(z.string(), z.unknown()) }).safeParse(parseJson(text));
  if (!read.success)
    throw new SettingsError(
      `${file} must be a JSON object with "mcpServers", in which each server stands by its name.`,
    );
  return { servers: read.data.mcpServers, file };
}

/**
 * The servers of all these files; of two with one name the first counts. `${NAME}` and `${NAME:-text}` are taken from the
 * environment. Throws SettingsError for one that is not written as it should be, or whose variable is not set.
 */
export function serverConfigs(
  files: readonly WrittenServers[],
  variable: (name: string) => string | undefined,
): ServerConfig[] {
  const found = new Map<string, ServerConfig>();
  for (const { servers, file } of files) {
    for (const [name, value] of Object.entries(servers)) {
      const place = placeOf({ file, name });
      if (!nameForm.test(name))
        throw new SettingsError(`${place}: its name must be letters, digits, _ and -, at most 40 of them.`);
      if (found.has(name)) continue;
      const config = configOf({ name, file, value, variable });
      if (config !== null) found.set(name, config);
    }
  }
  return [...found.values()];
}

type Written = {
  name: string;
  file: string;
  value: unknown;
  variable(name: string): string | undefined;
};

function configOf({ name, file, value, variable }: Written): ServerConfig | null {
  const place = placeOf({ file, name });
  const read = written().safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new SettingsError(`${place}: ${issue?.path.join(".") || "it"} ${issue?.message ?? "is wrong"}.`);
  }
  const {
    command,
    args = [],
    env = {},
    cwd,
    url,
    headers = {},
    timeout,
    disabled,
    type,
    sandbox = false,
    oauth,
  } = read.data;
  if (disabled === true) return null;
  const fill = (text: string): string => expandVariables(text, variable, place);
  const filled = (all: Readonly<Record<string, string | undefined>>): Record<string, string> =>
    Object.fromEntries(Object.entries(all).flatMap(([key, text]) => (text === undefined ? [] : [[key, fill(text)]])));
  const common = { name, file, timeoutMs: timeout ?? usualTimeoutMs };
  if (command !== undefined && url === undefined) {
    const from = resolve(dirname(file), cwd === undefined ? "." : fill(cwd));
    const program = { command: fill(command), args: args.map(fill), env: filled(env), cwd: from };
    return { ...common, kind: "stdio", ...program, sandbox };
  }
  if (sandbox)
    throw new SettingsError(`${place}: sandbox is for servers with "command"; another host cannot be confined.`);
  if (url === undefined || command !== undefined)
    throw new SettingsError(`${place}: it needs either "command", with "args", or "url".`);
  if (type === "sse")
    throw new SettingsError(
      `${place}: the transport "sse" is one that the protocol has given up; use the server's address for streamable HTTP ("type": "http").`,
    );
  if (!/^https?:$/.test(new URL(url).protocol)) throw new SettingsError(`${place}: url must begin with http or https.`);
  const client = oauth === undefined ? null : filled(oauth);
  return { ...common, kind: "http", url: fill(url), headers: filled(headers), oauth: client };
}

/** Texts in these servers' headers and environments that nobody else is to see. */
export const secretsOf = (configs: readonly ServerConfig[]): string[] =>
  configs.flatMap((config) =>
    secretValues(config.kind === "http" ? { ...config.headers, secret: config.oauth?.clientSecret ?? "" } : config.env),
  );

/** What a person is told of a server before it is started for the first time: what runs, or which host is asked. */
export function inWords(config: ServerConfig): string {
  if (config.kind === "http") return `${config.name}: asks ${new URL(config.url).host}`;
  const line = [config.command, ...config.args].join(" ");
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
