import { dirname } from "node:path";
import { parseServers, type WrittenMcp } from "../settings/ai/programs/servers.js";
import type { LoadedSettings } from "../settings/load.js";
import { readTextFile } from "../settings/text-file.js";
import { readMcpJson, serverConfigs, type ServerConfig } from "./config.js";

/** Servers that are named; `file` is the settings file, beside which `.mcp.json` lies. */
export type NamedServers = WrittenMcp & { file: string };

/** The MCP servers that a settings file names now. Throws SettingsError. */
export async function serversNow(file: string): Promise<NamedServers> {
  const text = await readTextFile(file, { pipe: true });
  return { file, ...(text === null ? { servers: null, tools: null } : parseServers(text, file)) };
}

/** The servers of a settings file and of the `.mcp.json` beside it, whose path is `beside`; those of the former win. Throws SettingsError. */
export async function configuredServers(
  { file, servers }: Omit<NamedServers, "tools">,
  variable: LoadedSettings["variable"],
): Promise<{ configs: readonly ServerConfig[]; beside: string | null }> {
  const beside = await readMcpJson(dirname(file));
  const own = servers === null ? [] : [{ servers, file }];
  return { configs: serverConfigs([...own, ...(beside ? [beside] : [])], variable), beside: beside?.file ?? null };
}
