import { counted } from "../base/text.js";
import type { Command } from "../commands/command.js";
import { messageOf, SettingsError } from "../errors.js";
import type { Trust } from "../extensions/trust.js";
import type { RecordedServer } from "../history/event-parts.js";
import { inWords, placeOf, type ServerConfig } from "./config.js";
import { createConnection, type Connection } from "./connection.js";
import { differences } from "./differences.js";
import { findTool } from "./find-tool.js";
import { identityIn, keepPins, pinOf, readPins, type Pin } from "./pins.js";
import { digestOf, type Tool } from "./tool.js";
import { toolCommand } from "./tool-command.js";

/** The MCP servers of a run: their tools as commands, and how they end. */
export type Servers = {
  commands: readonly Command[];
  recorded: readonly RecordedServer[];
  /** Ends every connection, and the programs that were started. Never rejects. */
  close(): Promise<void>;
};

export type ServersOptions = {
  version: string;
  trust: Trust;
  /** Says something to the person that is no event. */
  warn(text: string): void;
};

const noServers: Servers = { commands: [], recorded: [], close: () => Promise.resolve() };

/** More commands than this of servers are not listed in the prompt, but found by `find_tool`. */
export const mostListed = 60;

type Server = { config: ServerConfig; connection: Connection; tools: readonly Tool[]; agreed: Agreed };
type Agreed = { check: Promise<void>; refused: Map<string, string> };

/**
 * Makes commands of the tools of these servers. Where it is known from earlier which tools a server has, it is started at
 * once and nobody waits for it; otherwise its tools are asked for first. A server that cannot be used is said once, and
 * has no commands then. They are trusted already. Throws SettingsError where what was agreed cannot be kept.
 */
export async function openServers(configs: readonly ServerConfig[], options: ServersOptions): Promise<Servers> {
  if (configs.length === 0) return noServers;
  const pins = await agreedPins(configs, options);
  const connections = configs.map((config) => createConnection(config, { version: options.version }));
  const close = async (): Promise<void> => {
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
    return { ...commandsOf(servers), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

export type TrustOptions = Pick<ServersOptions, "trust" | "warn"> & {
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

/** What was agreed; where a server has offered other tools since, the person is asked whether these hold from now on. */
async function agreedPins(configs: readonly ServerConfig[], { trust, warn }: ServersOptions): Promise<readonly Pin[]> {
  const pins = await readPins(trust);
  const accepted: Pin[] = [];
  for (const config of configs) {
    const pin = pinOf(pins, config);
    if (!pin?.offered || pin.tools === null) continue;
    const lines = [`The MCP server ${config.name} describes its tools otherwise than when you trusted it:`];
    lines.push(...differences(pin.tools, pin.offered));
    if (trust.given || (await trust.ask?.(lines, "Take them as they are now (y/n)? ")))
      accepted.push({ server: pin.server, identity: pin.identity, tools: pin.offered });
    else
      warn(
        `WARNING: ${lines.join("\n")}\nTools that changed are refused. --trust-extensions takes them as they are now.`,
      );
  }
  if (accepted.length === 0) return pins;
  await keepPins(trust, accepted);
  return readPins(trust);
}

async function openServer(
  config: ServerConfig,
  connection: Connection,
  pinned: readonly Tool[] | null,
  { trust, warn }: ServersOptions,
): Promise<Server | null> {
  const refused: Agreed["refused"] = new Map();
  if (pinned === null) {
    try {
      return { config, connection, tools: await connection.tools(), agreed: { check: Promise.resolve(), refused } };
    } catch (thrown) {
      warn(`WARNING: ${messageOf(thrown)} The run goes on without its commands.`);
      return null;
    }
  }
  const check = connection
    .tools()
    .then((tools) => compare(pinned, tools))
    .catch((thrown: unknown) => warn(`WARNING: ${messageOf(thrown)} Its commands fail until it can be reached.`));
  return { config, connection, tools: pinned, agreed: { check, refused } };

  async function compare(before: readonly Tool[], now: readonly Tool[]): Promise<void> {
    const lines = differences(before, now);
    if (lines.length === 0) return;
    const digests = new Map(now.map((tool) => [tool.name, digestOf(tool)]));
    for (const tool of before) {
      const digest = digests.get(tool.name);
      if (digest === undefined) refused.set(tool.name, "the server does not offer it any more");
      else if (digest !== digestOf(tool))
        refused.set(
          tool.name,
          "the server describes it otherwise than when the user trusted it, and the user has to agree first",
        );
    }
    await keepPins(trust, [{ server: config.name, identity: identityIn(config), tools: before, offered: now }]);
    warn(
      `WARNING: the MCP server ${config.name} describes its tools otherwise than when you trusted it; those are refused in this run. ` +
        `The next start asks about them.\n${lines.join("\n")}`,
    );
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
  for (const { config, tools } of seen) warn(`The MCP server ${config.name} has ${counted(tools.length, "tool")}.`);
}

function commandsOf(servers: readonly Server[]): Pick<Servers, "commands" | "recorded"> {
  const all: Command[] = [];
  const recorded = servers.map(({ config, tools, connection, agreed }): RecordedServer => {
    const own: string[] = [];
    for (const tool of tools) {
      const command = toolCommand(config, tool, async (asked, args, signal) => {
        await agreed.check;
        const problem = agreed.refused.get(asked.name);
        return problem === undefined ? connection.call(asked.name, args, signal) : { kind: "refused", problem };
      });
      // Two names of a server's may be one once they are written as a word.
      if (own.includes(command.name)) continue;
      own.push(command.name);
      all.push(command);
    }
    return { name: config.name, commands: own };
  });
  if (all.length <= mostListed) return { commands: all, recorded };
  return { commands: [findTool(all), ...all.map((command) => ({ ...command, hidden: true }))], recorded };
}
