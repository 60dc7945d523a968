import { join } from "node:path";
import type { Proxies } from "../../base/proxies.js";
import type { ProtectionRule } from "../../protection/rule.js";
import type { ConfinedServer, ServerProgram } from "../../sandbox/confined-server.js";
import type { LoadedSettings } from "../../settings/load.js";
import type { Settings } from "../../settings/schema.js";
import { proxiesOf } from "../../settings/proxies.js";
import { bytesOf } from "../../settings/value-types.js";
import { ownFiles, sandboxOptions } from "../code.js";

/** How MCP servers are reached: those elsewhere through the user's proxies, those that want it in a sandbox. */
export type ServerWays = { proxies: Proxies; logins: string; confine(server: ServerProgram): Promise<ConfinedServer> };

/** Where logins at servers elsewhere are kept. */
export const loginsFolder = ({ home }: Pick<Settings, "home">): string => join(home, "mcp-logins");

type Surroundings = { cwd: string; workspace: string; protect: readonly ProtectionRule[] };

/** What the settings say of it. */
export const waysTo = (
  { settings }: Pick<LoadedSettings, "settings">,
  { cwd, workspace, protect }: Surroundings,
): ServerWays => ({
  proxies: proxiesOf(settings),
  logins: loginsFolder(settings),
  async confine(server) {
    const { confineServer } = await import("../../sandbox/confined-server.js");
    const options = sandboxOptions(settings, workspace, ownFiles(settings, cwd, protect));
    return confineServer(server, { ...options, limits: { memory: bytesOf(settings.sandboxMemoryLimit) } });
  },
});
