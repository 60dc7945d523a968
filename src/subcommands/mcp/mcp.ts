import { counted } from "../../base/text.js";
import { startStopwatch } from "../../base/stopwatch.js";
import { loginsFolder, waysTo } from "../../compose/mcp/server-ways.js";
import { proxiesOf } from "../../settings/proxies.js";
import { loginStore } from "../../mcp/oauth/login-store.js";
import { SettingsError } from "../../errors.js";
import { inWords, type ServerConfig } from "../../mcp/config.js";
import { createConnection, type ConnectionOptions, type Offer } from "../../mcp/connect/connection.js";
import { listedArgumentsOf } from "../../mcp/arguments.js";
import { pinOf, readPins } from "../../mcp/pins.js";
import { commandNames } from "../../mcp/command-names.js";
import type { Tool } from "../../mcp/tool.js";
import { configuredServers, serversNow } from "../../mcp/named-servers.js";
import { trustFile } from "../../settings/environment/trust-file.js";
import type { LoadedSettings } from "../../settings/load.js";

export type McpUse = {
  loaded: LoadedSettings;
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  version: string;
  json: boolean;
};

/** `autogpt mcp list`: the servers that runs here have, and whether they are trusted. Starts nothing. Throws SettingsError. */
export async function listServers({ loaded, environment, json }: McpUse): Promise<string> {
  const { configs, problems } = await configured(loaded);
  const pins = await readPins({ file: trustFile(environment) });
  const rows = configs.map((config) => {
    const pin = pinOf(pins, config);
    const trust =
      pin === undefined
        ? "not trusted yet"
        : pin.tools === null
          ? "trusted"
          : `trusted, ${counted(pin.tools.length, "tool")}`;
    return {
      name: config.name,
      place: config.file,
      what: inWords(config),
      trust,
      config,
      pin,
    };
  });
  if (json)
    return JSON.stringify(
      rows.map(({ name, place, config, pin }) => ({
        ...{ name, place, kind: config.kind, trusted: pin !== undefined },
        tools: pin?.tools?.map((tool) => tool.name) ?? null,
      })),
    );
  if (rows.length === 0 && problems.length === 0)
    return `No MCP server is named: neither mcpServers of ${loaded.settings.aiSettingsFile} nor a .mcp.json beside it has one.`;
  return [
    ...rows.map(({ what, trust, place }) => `${what}\n  ${trust} (${place})`),
    ...problems.map(({ problem }) => `Left out: ${problem.message}`),
  ].join("\n");
}

/** `autogpt mcp test NAME`: starts the server, or asks it, and says how long it took. Throws SettingsError where it fails. */
export async function testServer(use: McpUse, name: string): Promise<string> {
  const elapsed = startStopwatch(0);
  const { tools, leftOut } = await toolsOf(use, name);
  const seconds = (elapsed() / 1000).toFixed(1);
  return use.json
    ? JSON.stringify({ name, seconds: Number(seconds), tools: tools.length })
    : `${name} answers after ${seconds} seconds and has ${counted(tools.length, "tool")}.${leftOutText(leftOut)}`;
}

/** `autogpt mcp tools NAME`: what the server offers now, as the model would see it. Throws SettingsError where it fails. */
export async function serverTools(use: McpUse, name: string): Promise<string> {
  const { tools, leftOut } = await toolsOf(use, name);
  if (use.json) return JSON.stringify(tools);
  const names = commandNames(name, tools);
  const lines = tools.map(
    (tool, index) => `${names[index]}\n  ${tool.description || tool.title}\n${argumentLines(tool)}`,
  );
  return `${lines.join("\n")}${leftOutText(leftOut)}`;
}

const leftOutText = (leftOut: readonly string[]): string =>
  leftOut.length === 0 ? "" : `\nIt offers besides what cannot be used: ${leftOut.join(", ")}.`;

function argumentLines(tool: Tool): string {
  const { args, further } = listedArgumentsOf(tool);
  const lines = Object.entries(args.shape).map(
    ([name, type]) => `  - ${name} ${(type as { description?: string }).description ?? ""}\n`,
  );
  return lines.join("") + (further === 0 ? "" : `  - ${counted(further, "further argument")}: --json shows all\n`);
}

/** `autogpt mcp login NAME`: sends the person's browser to where the server wants a login. Throws SettingsError where it fails. */
export async function login({ loaded }: McpUse, name: string, { show, signal }: LoginUse): Promise<string> {
  const config = elsewhere(await configNamed(loaded, name));
  const { logIn } = await import("../../mcp/oauth/login.js");
  const store = loginStore(loginsFolder(loaded.settings), config.url);
  const needed = await logIn(config, { store, proxies: proxiesOf(loaded.settings), show, signal });
  return needed ? `You are logged in at ${name}; runs use it from now on.` : `${name} answers without a login.`;
}

type LoginUse = {
  /** Shows the person an address to open. */
  show(text: string): void;
  signal: AbortSignal;
};

/** `autogpt mcp logout NAME`: forgets the login here; the server is not told. Throws SettingsError. */
export async function logout({ loaded }: McpUse, name: string): Promise<string> {
  const { url } = elsewhere(await configNamed(loaded, name));
  const was = await loginStore(loginsFolder(loaded.settings), url).forget();
  return was ? `The login at ${name} is forgotten here.` : `You were not logged in at ${name}.`;
}

function elsewhere(config: ServerConfig): ServerConfig & { kind: "http" } {
  if (config.kind === "http") return config;
  throw new SettingsError(`${config.name} is a program on this machine, which takes no login: its keys go into "env".`);
}

async function toolsOf({ loaded, version, cwd }: McpUse, name: string): Promise<Offer> {
  const ways = waysTo(loaded, { cwd, workspace: loaded.settings.workspaceDirectory, protect: [] });
  return asked(await configNamed(loaded, name), { version, ...ways });
}

async function configNamed(loaded: LoadedSettings, name: string): Promise<ServerConfig> {
  const { configs, problems } = await configured(loaded);
  const config = configs.find((one) => one.name === name);
  const wrong = problems.find((one) => one.name === name);
  if (config === undefined && wrong !== undefined) throw wrong.problem;
  if (config === undefined) {
    const names = configs.map((one) => one.name).join(", ");
    throw new SettingsError(
      `There is no MCP server ${JSON.stringify(name)}; there ${names === "" ? "is none" : `are ${names}`}.`,
    );
  }
  return config;
}

async function asked(config: ServerConfig, connecting: ConnectionOptions): Promise<Offer> {
  const connection = createConnection(config, connecting);
  try {
    return await connection.tools();
  } catch (thrown) {
    throw new SettingsError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  } finally {
    await connection.close();
  }
}

const configured = async (loaded: LoadedSettings) =>
  configuredServers(await serversNow(loaded.settings.aiSettingsFile), loaded.variable);
