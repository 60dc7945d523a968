import { dirname, join, resolve } from "node:path";
import * as z from "zod";
import { longestTimer } from "../base/abort.js";
import { isObject, parseJson } from "../base/json.js";
import { messageOf, SettingsError } from "../errors.js";
import { expandVariables, secretValues } from "../settings/environment/expand-variables.js";
import { readTextFile } from "../settings/text-file.js";
import { placeOf, type ServerConfig, type WrittenServers } from "./config.js";

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
      // A longer one would end each call at once.
      .transform((ms) => Math.min(ms, longestTimer))
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

/** The `.mcp.json` of a folder, as other programs write it; null where there is none. Throws SettingsError where it is not written so. */
export async function readMcpJson(folder: string): Promise<WrittenServers | null> {
  const file = join(folder, ".mcp.json");
  const text = await readTextFile(file);
  if (text === null) return null;
  const read = z.object({ mcpServers: z.record(z.string(), z.unknown()) }).safeParse(parseJson(text));
  if (!read.success)
    throw new SettingsError(
      `${file} must be a JSON object (without comments) with "mcpServers", in which each server stands by its name.`,
    );
  return { servers: read.data.mcpServers, file };
}

/**
 * The servers of a file. `${NAME}` and `${NAME:-text}` are taken from the environment. For one that is not written as it
 * should be, or whose variable is not set, `wrong` is called with its name and a sentence; it may throw.
 */
export function serverConfigs(
  { servers, file }: WrittenServers,
  variable: (name: string) => string | undefined,
  wrong: (name: string, problem: SettingsError) => void,
): ServerConfig[] {
  return Object.entries(servers).flatMap(([name, value]) => {
    try {
      if (!nameForm.test(name))
        throw new SettingsError(
          `${placeOf({ file, name })}: its name must be letters, digits, _ and -, at most 40 of them.`,
        );
      const config = configOf({ name, file, value, variable });
      return config === null ? [] : [config];
    } catch (thrown) {
      wrong(name, thrown instanceof SettingsError ? thrown : new SettingsError(messageOf(thrown), { cause: thrown }));
      return [];
    }
  });
}

type Written = {
  name: string;
  file: string;
  value: unknown;
  variable(name: string): string | undefined;
};

function configOf({ name, file, value, variable }: Written): ServerConfig | null {
  const place = placeOf({ file, name });
  // Whatever else another program has written of a server that is switched off.
  if (isObject(value) && (value["disabled"] === true || value["disabled"] === "true")) return null;
  const read = written().safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new SettingsError(`${place}: ${issue?.path.join(".") || "it"} ${issue?.message ?? "is wrong"}.`);
  }
  const { command, args = [], env = {}, cwd, url, headers = {}, timeout, type, sandbox = false, oauth } = read.data;
  const used: Record<string, string> = {};
  const noted = (variableName: string): string | undefined => {
    const found = variable(variableName);
    if (found !== undefined) used[variableName] = found;
    return found;
  };
  const fill = (text: string): string => expandVariables(text, noted, place);
  const filled = (all: Readonly<Record<string, string | undefined>>): Record<string, string> =>
    Object.fromEntries(Object.entries(all).flatMap(([key, text]) => (text === undefined ? [] : [[key, fill(text)]])));
  const common = { name, file, timeoutMs: timeout ?? usualTimeoutMs };
  const secrets = (): { secrets: string[] } => ({ secrets: secretValues(used) });
  if (command !== undefined && url === undefined) {
    const from = resolve(dirname(file), cwd === undefined ? "." : fill(cwd));
    const program = { command: fill(command), args: args.map(fill), env: filled(env), cwd: from };
    return { ...common, kind: "stdio", ...program, sandbox, ...secrets() };
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
  const http = { url: fill(url), headers: headersOf(filled(headers), place), oauth: client };
  return { ...common, kind: "http", ...http, ...secrets() };
}

/** As they are sent. What no header can hold would be told, with the header's value, by whoever sends it. */
function headersOf(headers: Readonly<Record<string, string>>, place: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const trimmed = value.trim();
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
        throw new SettingsError(`${place}: headers: ${JSON.stringify(name.slice(0, 60))} is no name of a header.`);
      if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(trimmed))
        throw new SettingsError(
          `${place}: headers: ${name} has a line break or another character that no header can hold.`,
        );
      return [name, trimmed];
    }),
  );
}
