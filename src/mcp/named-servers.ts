import { dirname } from "node:path";
import { parseServers, type WrittenMcp } from "../settings/ai/programs/servers.js";
import type { LoadedSettings } from "../settings/load.js";
import { readTextFile } from "../settings/text-file.js";
import { readMcpJson, serverConfigs, type ServerConfig, type WrittenServers } from "./config.js";

/** Servers that are named; `file` is the settings file, beside which `.mcp.json` lies. */
export type NamedServers = WrittenMcp & { file: string };

/** The MCP servers that a settings file names now. Throws SettingsError. */
export async function serversNow(file: string): Promise<NamedServers> {
  const text = await readTextFile(file, { pipe: true });
  return { file, ...(text === null ? { servers: null, tools: null } : parseServers(text, file)) };
}

/** `given`: servers that whoever starts the run names besides; nothing in them stands for a variable. */
type Configured = Omit<NamedServers, "tools"> & { given?: WrittenServers | undefined };

/**
 * The servers of a settings file, those that are given besides, and those of the `.mcp.json` beside the file, whose path is
 * `beside`; of two with one name the earlier counts. Throws SettingsError.
 */
export async function configuredServers(
  { file, servers, given }: Configured,
  variable: LoadedSettings["variable"],
): Promise<{ configs: readonly ServerConfig[]; beside: string | null }> {
  const beside = await readMcpJson(dirname(file));
  const all = [
    ...(servers === null ? [] : serverConfigs([{ servers, file }], variable)),
    ...(given ? serverConfigs([given], (name) => `\${${name}}`) : []),
    ...(beside ? serverConfigs([beside], variable) : []),
  ];
  const configs = all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
  return { configs, beside: beside?.file ?? null };
}
