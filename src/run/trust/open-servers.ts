import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createMask } from "../../base/mask.js";
import { withServers, type Equipment } from "../../extensions/equipment.js";
import type { Trust } from "../../extensions/trust.js";
import type { ServerConfig, WrittenServers } from "../../mcp/config.js";
import type { NamedServers } from "../../mcp/named-servers.js";
import type { LoadedSettings } from "../../settings/load.js";
import { waysTo } from "../../compose/mcp/server-ways.js";
import type { ProtectionRule } from "../../protection/rule.js";

type Surroundings = {
  loaded: LoadedSettings;
  host: { version: string; cwd: string; trust: Trust; givenServers?: WrittenServers; warn(text: string): void };
  /** What servers in a sandbox may see, and what of it they may not change. */
  workspace: string;
  protect: readonly ProtectionRule[];
  /** What has to be ended with the run is added here. */
  opened: (() => Promise<void>)[];
};

/** What a run is equipped with, its MCP servers' commands included, and the settings with the secrets of these. */
export type WithServers = { equipment: Equipment; known: LoadedSettings };

/**
 * Adds the tools of the MCP servers that the settings file and the `.mcp.json` beside it name. Throws SettingsError for
 * servers that are not written as they should be, or that nobody has trusted; those of `.mcp.json`, which may be there for
 * other programs, are said and left out in both cases.
 */
export async function openRunServers(
  equipment: Equipment,
  { file, servers, tools }: NamedServers,
  { loaded, host: { version, cwd, trust, givenServers, ...host }, workspace, protect, opened }: Surroundings,
): Promise<WithServers> {
  const none = { equipment, known: loaded };
  if (servers === null && !givenServers && !existsSync(join(dirname(file), ".mcp.json"))) return none;
  const { configuredServers } = await import("../../mcp/named-servers.js");
  const { configs, beside, problems } = await configuredServers(
    { file, servers, given: givenServers },
    loaded.variable,
  );
  for (const { problem } of problems) host.warn(`WARNING: ${problem.message} The run goes on without it.`);
  if (configs.length === 0) return none;
  const [{ openServers, trustedServers }, { secretsOf }] = await Promise.all([
    import("../../mcp/servers.js"),
    import("../../mcp/config.js"),
  ]);
  const ways = waysTo(loaded, { cwd, workspace, protect });
  const secrets = [...secretsOf(configs), ...(await loginSecrets(configs, ways.logins))];
  // A server may repeat what it was started or asked with.
  const mask = createMask(secrets);
  const warn = (text: string): void => host.warn(mask(text));
  const trusted = await trustedServers(configs, {
    trust,
    warn,
    mayBeLeftOut: ({ file: named }) => named === beside || named === givenServers?.file,
  });
  const all = await openServers(trusted, {
    ...{ trust, warn, tools },
    connecting: { version, ...ways },
  });
  opened.push(all.close);
  const known = { ...loaded, secrets: [...loaded.secrets, ...secrets] };
  const names = configs.map(({ name }) => name);
  return { equipment: withServers(equipment, all, names), known };
}

/** What is kept of logins at these servers and nobody else is to see. */
async function loginSecrets(configs: readonly ServerConfig[], folder: string): Promise<string[]> {
  const { loginStore, secretsOfLogin } = await import("../../mcp/oauth/login-store.js");
  const logins = configs.flatMap((config) => (config.kind === "http" ? [loginStore(folder, config.url).read()] : []));
  return (await Promise.all(logins)).flatMap(secretsOfLogin);
}
