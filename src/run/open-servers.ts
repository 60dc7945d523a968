import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { withServers, type Equipment } from "../extensions/equipment.js";
import type { Trust } from "../extensions/trust.js";
import type { ServerConfig } from "../mcp/config.js";
import type { LoadedSettings } from "../settings/load.js";
import { readTextFile } from "../settings/text-file.js";

type Named = {
  /** The settings file that may name servers, and beside which `.mcp.json` lies. */
  file: string;
  servers: Readonly<Record<string, unknown>> | null;
};

/** The servers that a settings file and the `.mcp.json` beside it name; those of the former win. Throws SettingsError. */
export async function configuredServers(
  { file, servers }: Named,
  variable: LoadedSettings["variable"],
): Promise<{ configs: readonly ServerConfig[]; beside: string | null }> {
  const { readMcpJson, serverConfigs } = await import("../mcp/config.js");
  const beside = await readMcpJson(dirname(file));
  const own = servers === null ? [] : [{ servers, place: file, folder: dirname(file) }];
  return { configs: serverConfigs([...own, ...(beside ? [beside] : [])], variable), beside: beside?.place ?? null };
}

type Surroundings = {
  loaded: LoadedSettings;
  host: { version: string; trust: Trust; warn(text: string): void };
  /** What has to be ended with the run is added here. */
  opened: (() => Promise<void>)[];
};

/** What a run is equipped with, its MCP servers' commands included, and the settings with the secrets of these. */
export type WithServers = { equipment: Equipment; known: LoadedSettings };

/** The MCP servers that a settings file names now. Throws SettingsError. */
export async function serversNow(file: string): Promise<Named> {
  const text = await readTextFile(file, { pipe: true });
  const { parseServers } = await import("../settings/ai/servers.js");
  return { file, servers: text === null ? null : parseServers(text, file) };
}

/**
 * Adds the tools of the MCP servers that the settings file and the `.mcp.json` beside it name. Throws SettingsError for
 * servers that are not written as they should be, or that nobody has trusted; those of `.mcp.json`, which may be there for
 * another program, are then said and left out.
 */
export async function openRunServers(
  equipment: Equipment,
  { file, servers }: Named,
  { loaded, host: { version, trust, warn }, opened }: Surroundings,
): Promise<WithServers> {
  const none = { equipment, known: loaded };
  if (servers === null && !existsSync(join(dirname(file), ".mcp.json"))) return none;
  const { configs, beside } = await configuredServers({ file, servers }, loaded.variable);
  if (configs.length === 0) return none;
  const [{ openServers, trustedServers }, { secretsOf }] = await Promise.all([
    import("../mcp/servers.js"),
    import("../mcp/config.js"),
  ]);
  const mayBeLeftOut = ({ place }: { place: string }): boolean => beside !== null && place.startsWith(beside);
  const trusted = await trustedServers(configs, { trust, warn, mayBeLeftOut });
  const all = await openServers(trusted, { version, trust, warn });
  opened.push(all.close);
  const known = { ...loaded, secrets: [...loaded.secrets, ...secretsOf(trusted)] };
  return { equipment: withServers(equipment, all), known };
}
