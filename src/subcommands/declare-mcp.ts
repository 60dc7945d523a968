import type { Command } from "commander";
import { escapeText } from "../base/escape.js";
import { createMask } from "../base/mask.js";
import { packageFacts } from "../version.js";
import type * as McpModule from "./mcp/mcp.js";
import type { McpUse } from "./mcp/mcp.js";
import { addServe, type ServeCommandOptions } from "./declare-serve.js";

type McpOptions = ServeCommandOptions & { print(text: string): void };

type Doing = (
  json: boolean | undefined,
  what: (module: typeof McpModule, use: McpUse) => Promise<string>,
) => Promise<void>;

/** Declares `autogpt mcp`; the code is loaded when it is used. */
export function addMcpCommands(program: Command, options: McpOptions): void {
  const { cwd, environment, load, print } = options;
  const mcp = program
    .command("mcp")
    .summary("look at MCP servers, log in at them; be one yourself")
    .description("Look at the MCP servers of runs in this folder, log in at them, and take goals from other agents");
  const doing: Doing = async (json, what) => {
    const loaded = await load({ fetchKeys: false });
    const use = { loaded, cwd, environment, version: packageFacts().version, json: json === true };
    const text = createMask(loaded.secrets)(await what(await import("./mcp/mcp.js"), use));
    print(json ? text : escapeText(text));
  };
  mcp
    .command("list")
    .description("List the servers that the settings name, and whether you trust them")
    .option("--json", "as JSON")
    .action(({ json }: { json?: boolean }) => doing(json, ({ listServers }, use) => listServers(use)));
  mcp
    .command("test")
    .description("Start a server, or ask it, and say how long it took")
    .argument("<name>", "its name in the settings")
    .option("--json", "as JSON")
    .action((name: string, { json }: { json?: boolean }) =>
      doing(json, ({ testServer }, use) => testServer(use, name)),
    );
  mcp
    .command("tools")
    .description("List the tools that a server offers now, as commands of the AI")
    .argument("<name>", "its name in the settings")
    .option("--json", "as JSON, with their schemas")
    .action((name: string, { json }: { json?: boolean }) =>
      doing(json, ({ serverTools }, use) => serverTools(use, name)),
    );
  addLogins(mcp, doing, options);
  addServe(program, mcp, options);
}

function addLogins(mcp: Command, doing: Doing, { say, signal }: McpOptions): void {
  mcp
    .command("login")
    .description("Log in at a server that wants it, with your browser; runs use that from then on")
    .argument("<name>", "its name in the settings")
    .action((name: string) => {
      const show = (address: string): void =>
        say(`Open this address in a browser on this machine:\n${escapeText(address)}`);
      return doing(false, ({ login }, use) => login(use, name, { show, signal }));
    });
  mcp
    .command("logout")
    .description("Forget a login at a server, here; the server is not told")
    .argument("<name>", "its name in the settings")
    .action((name: string) => doing(false, ({ logout }, use) => logout(use, name)));
}
