import { dirname } from "node:path";
import { SettingsError } from "../errors.js";
import { parseServers, type WrittenMcp } from "../settings/ai/programs/servers.js";
import type { LoadedSettings } from "../settings/load.js";
import { readTextFile } from "../settings/text-file.js";
import type { ServerConfig, WrittenServers } from "./config.js";
import { readMcpJson, serverConfigs } from "./written-servers.js";

/** Servers that are named; `file` is the settings file, beside which `.mcp.json` lies. */
export type NamedServers = WrittenMcp & { file: string };

/** The MCP servers that a settings file names now. Throws SettingsError. */
export async function serversNow(file: string): Promise<NamedServers> {
  const text = await readTextFile(file, { pipe: true });
  return { file, ...(text === null ? { servers: null, tools: null } : parseServers(text, file)) };
}

/** `given`: servers that whoever starts the run names besides; nothing in them stands for a variable. */
type Configured = Omit<NamedServers, "tools"> & { given?: WrittenServers | undefined };

/** The servers that can be used. */
export type ConfiguredServers = {
  configs: readonly ServerConfig[];
  /** The `.mcp.json` beside the settings file; null where there is none. */
  beside: string | null;
  /** What is wrong in that, a sentence each, by the server's name where it is one's: it may be there for other programs, and hinders nobody. */
  problems: readonly { name: string | null; problem: SettingsError }[];
};

/**
 * The servers of a settings file, those that are given besides, and those of the `.mcp.json` beside the file; of two with one
 * name the earlier counts. Throws SettingsError for those that are not written as they should be, but for `.mcp.json`.
 */
export async function configuredServers(
  { file, servers, given }: Configured,
  variable: LoadedSettings["variable"],
): Promise<ConfiguredServers> {
  const problems: ConfiguredServers["problems"][number][] = [];
  const refuse = (_name: string, problem: SettingsError): never => {
    throw problem;
  };
  const beside = await readMcpJson(dirname(file)).catch((thrown: unknown) => {
    if (!(thrown instanceof SettingsError)) throw thrown;
    problems.push({ name: null, problem: thrown });
    return null;
  });
  const named = [
    ...(servers === null ? [] : serverConfigs({ servers, file }, variable, refuse)),
    ...(given ? serverConfigs(given, (name) => `\${${name}}`, refuse) : []),
  ];
  const all = [...named];
  if (beside !== null) {
    const isTaken = (name: string): boolean => named.some((other) => other.name === name);
    const others = serverConfigs(beside, variable, (name, problem) => {
      if (!isTaken(name)) problems.push({ name, problem });
    });
    all.push(...others.filter(({ name }) => !isTaken(name)));
  }
  const configs = all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
  return { configs, beside: beside?.file ?? null, problems };
}
