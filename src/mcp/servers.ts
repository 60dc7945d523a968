import { fits } from "../base/names/wildcards.js";
import { counted } from "../base/text.js";
import type { Command } from "../commands/command.js";
import { messageOf, SettingsError } from "../errors.js";
import type { Listener } from "../history/emit.js";
import type { RecordedServer } from "../history/event-parts.js";
import { agreedPins, createAgreement, type Agreeing, type Agreement } from "./agreement.js";
import { inWords, placeOf, type ServerConfig } from "./config.js";
import { createConnection, type Connection, type ConnectionOptions } from "./connect/connection.js";
import { findTool } from "./find-tool.js";
import { identityIn, keepPins, pinOf, readPins, type Pin } from "./pins.js";
import type { Tool } from "./tool.js";
import { commandNames } from "./command-names.js";
import { commandLine } from "../prompt/system-prompt.js";
import { toolCommand } from "./tool-command.js";

/** The MCP servers of a run: their tools as commands, and how they end. */
export type Servers = {
  commands: readonly Command[];
  recorded: readonly RecordedServer[];
  /** Starts those that nobody has had to wait for, behind the run's first request: it would only be held up. */
  listener: Listener;
  /** Ends every connection, and the programs that were started. Never rejects. */
  close(): Promise<void>;
};

export type ServersOptions = Agreeing & {
  /** The servers, or tools of them, that become commands; null: all. */
  tools: readonly string[] | null;
  /** How they are connected to. */
  connecting: ConnectionOptions;
};

const noServers: Servers = { commands: [], recorded: [], listener: () => undefined, close: () => Promise.resolve() };

/** More commands than this of servers are not listed in the prompt, but found by `find_tool`. */
export const mostListed = 60;

/** Nor where all their lines together would be longer than this, in characters. */
const longestList = 40_000;

type Server = {
  config: ServerConfig;
  connection: Connection;
  tools: readonly Tool[];
  /** What it offers besides and cannot be used, where that was seen now. */
  leftOut: readonly string[];
  agreement: Agreement;
};

/**
 * Makes commands of the tools of these servers. Where it is known from earlier which tools a server has, it is started behind
 * the run's first request and nobody waits for it; otherwise its tools are asked for first. A server that cannot be used is said once, and
 * has no commands then. They are trusted already. Throws SettingsError where what was agreed cannot be kept.
 */
export async function openServers(configs: readonly ServerConfig[], options: ServersOptions): Promise<Servers> {
  if (configs.length === 0) return noServers;
  const pins = await agreedPins(configs, options);
  const connections = configs.map((config) => createConnection(config, options.connecting));
  let start: NodeJS.Timeout | undefined;
  const close = async (): Promise<void> => {
    clearTimeout(start);
    await Promise.all(connections.map((connection) => connection.close().catch(() => undefined)));
  };
  try {
    const opened = await Promise.all(
      configs.map((config, index) =>
        openServer(config, connections[index] as Connection, pinOf(pins, config)?.tools ?? null, options),
      ),
    );
    const servers = opened.filter((server) => server !== null);
    await keepFirst(servers, pins, options);
    const begin = (): void => {
      for (const { agreement } of servers) agreement.begin();
    };
    const listener: Listener = ({ type }) => {
      if (type === "model-requested") start ??= setTimeout(begin);
    };
    return { ...commandsOf(servers, options), listener, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

export type TrustOptions = Agreeing & {
  /** Servers that the user has not named for this program: without a yes they are left out, and nothing is refused for them. */
  mayBeLeftOut(config: ServerConfig): boolean;
};

/**
 * Those of the servers that the user trusts, now or since earlier, which is remembered. Nothing of them has been started or
 * asked before. Throws SettingsError, which says how to say yes, for one that is not trusted and cannot be left out.
 */
export async function trustedServers(
  configs: readonly ServerConfig[],
  { trust, warn, mayBeLeftOut }: TrustOptions,
): Promise<readonly ServerConfig[]> {
  const pins = await readPins(trust);
  const missing = configs.filter((config) => pinOf(pins, config) === undefined);
  const [first] = missing;
  if (first === undefined) return configs;
  const introduction =
    "The settings name MCP servers: programs that run with your rights, outside the sandbox, or hosts that learn what they are asked.";
  const lines = [introduction, ...missing.map((config) => `  ${inWords(config)}`)];
  if (trust.given || (await trust.ask?.(lines, "Do you trust them in this folder (y/n)? "))) {
    const agreed = missing.map((config) => ({ server: config.name, identity: identityIn(config), tools: null }));
    await keepPins(trust, agreed);
    return configs;
  }
  const needed = missing.find((config) => !mayBeLeftOut(config));
  const how = "If you trust it, start once with --trust-extensions, or answer y when asked.";
  if (needed !== undefined)
    throw new SettingsError(
      `${placeOf(needed)} is not trusted, or was changed since. A server is a program that runs with your rights, outside the ` +
        `sandbox, or a host that learns what it is asked. ${how}`,
    );
  for (const config of missing)
    warn(`WARNING: ${placeOf(config)} is not trusted, so the run goes on without it. ${how}`);
  return configs.filter((config) => !missing.includes(config));
}

async function openServer(
  config: ServerConfig,
  connection: Connection,
  pinned: readonly Tool[] | null,
  { trust, warn }: ServersOptions,
): Promise<Server | null> {
  const agreeing = { config, connection, trust, warn };
  if (pinned !== null) {
    const agreement = createAgreement({ ...agreeing, tools: pinned, offeredBy: null });
    return { config, connection, tools: pinned, leftOut: [], agreement };
  }
  try {
    const { tools, leftOut, generation } = await connection.tools();
    return {
      ...{ config, connection, tools, leftOut },
      agreement: createAgreement({ ...agreeing, tools, offeredBy: generation }),
    };
  } catch (thrown) {
    warn(`WARNING: ${messageOf(thrown)} The run goes on without its commands.`);
    return null;
  }
}

/** Tools that were seen for the first time are those that are agreed to. */
async function keepFirst(
  servers: readonly Server[],
  pins: readonly Pin[],
  { trust, warn }: ServersOptions,
): Promise<void> {
  const seen = servers.filter(({ config }) => (pinOf(pins, config)?.tools ?? null) === null);
  if (seen.length === 0) return;
  await keepPins(
    trust,
    seen.map(({ config, tools }) => ({ server: config.name, identity: identityIn(config), tools })),
  );
  for (const { config, tools, leftOut } of seen) warn(offeredText(config.name, tools, leftOut));
}

/** What a server offers, and what of it cannot be used. */
export const offeredText = (server: string, tools: readonly Tool[], leftOut: readonly string[]): string =>
  `The MCP server ${server} has ${counted(tools.length, "tool")}${leftOut.length === 0 ? "." : `; left out: ${leftOut.join(", ")}.`}`;

function commandsOf(
  servers: readonly Server[],
  { tools: wanted, warn }: ServersOptions,
): Pick<Servers, "commands" | "recorded"> {
  const all: Command[] = [];
  const recorded = servers.map(({ config, tools, connection, agreement }): RecordedServer => {
    const names = commandNames(config.name, tools);
    const own: string[] = [];
    for (const [index, tool] of tools.entries()) {
      const name = names[index] as string;
      if (!isWanted(config.name, name, wanted)) continue;
      const command = toolCommand({ config, tool, name }, async (asked, args, signal, ask) => {
        const allowed = await agreement.allows(asked);
        if (!allowed.ok) return { kind: "refused", problem: allowed.problem };
        return connection.call(asked.name, args, signal, { ask, generation: allowed.generation });
      });
      own.push(name);
      all.push(command);
    }
    return { name: config.name, commands: own };
  });
  for (const pattern of wanted ?? [])
    if (!servers.some(({ config }) => config.name === pattern) && !all.some(({ name }) => fits(pattern, name)))
      warn(`WARNING: tools names ${JSON.stringify(pattern)}, and no MCP server or tool of one is called so.`);
  const length = all.reduce((sum, command) => sum + commandLine(command).length, 0);
  if (all.length <= mostListed && length <= longestList) return { commands: all, recorded };
  return { commands: [findTool(all), ...all.map((command) => ({ ...command, hidden: true }))], recorded };
}

/** Whether the user wants this tool: `tools` names its server, or the command, perhaps as a pattern. */
const isWanted = (server: string, command: string, wanted: ServersOptions["tools"]): boolean =>
  wanted === null || wanted.some((pattern) => pattern === server || fits(pattern, command));
