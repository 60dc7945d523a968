import type { Command } from "commander";
import { escapeText } from "../base/escape.js";
import { createMask } from "../base/mask.js";
import { SettingsError } from "../errors.js";
import type { Streams } from "../console/streams.js";
import { flagsGiven } from "../settings/given-flags.js";
import type { LoadedSettings } from "../settings/load.js";
import type { SettingKey } from "../settings/schema.js";
import { packageFacts } from "../version.js";
import type * as McpModule from "./mcp/mcp.js";
import type { McpUse } from "./mcp/mcp.js";

type McpOptions = {
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  load(more?: { fetchKeys?: boolean }): Promise<LoadedSettings>;
  print(text: string): void;
  /** Says something while a command is at work. */
  say(text: string): void;
  signal: AbortSignal;
  streams: Streams;
};

/** Declares `autogpt mcp`; the code is loaded when it is used. */
export function addMcpCommands(program: Command, options: McpOptions): void {
  const { cwd, environment, load, print, say, signal } = options;
  const mcp = program
    .command("mcp")
    .summary("look at MCP servers, log in at them; be one yourself")
    .description("Look at the MCP servers of runs in this folder, log in at them, and take goals from other agents");
  const doing = async (
    json: boolean | undefined,
    what: (module: typeof McpModule, use: McpUse) => Promise<string>,
  ): Promise<void> => {
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
  addServe(program, mcp, options);
}

/** Settings that every run of another agent has in a way of its own. */
const notPassedOn: readonly SettingKey[] = [
  ...(["aiGoals", "resume", "fork", "at", "yes", "outputFormat", "onApproval"] as const),
  ...(["continuousLimit", "maxCost", "maxTokens", "maxTime"] as const),
];
const notOnResume: readonly SettingKey[] = ["aiName", "aiRole", "wipeMemory", "workspaceDirectory"];

function addServe(
  program: Command,
  mcp: Command,
  { cwd, environment, load, say, signal, streams: { stdin, stdout } }: McpOptions,
): void {
  mcp
    .command("serve")
    .summary("be a server for other agents")
    .description(
      "Be an MCP server on standard input and output: other agents give goals, look at runs and answer their questions. " +
        "Takes the flags of runs (-c, --max-cost, -C …), which hold for all of them",
    )
    .option("--runs <N>", "how many may be at work at a time", "3")
    .action(async ({ runs }: { runs: string }) => {
      const most = Number(runs);
      if (!Number.isInteger(most) || most < 1)
        throw new SettingsError(`--runs must be a whole number above 0, not ${JSON.stringify(runs)}.`);
      const loaded = await load();
      const given = program.opts();
      const begin = flagsGiven(given, new Set(notPassedOn));
      const resume = flagsGiven(given, new Set([...notPassedOn, ...notOnResume]));
      const [, script] = process.argv;
      if (script === undefined) throw new SettingsError("The server cannot find the program's own file.");
      const [{ serve }, { inProcessesOfTheirOwn }] = await Promise.all([
        import("./mcp/serve/serve.js"),
        import("./mcp/serve/run-process.js"),
      ]);
      await serve({
        ...{ loaded, cwd, environment, stdin, stdout, most, signal, flags: { begin, resume } },
        version: packageFacts().version,
        startRun: inProcessesOfTheirOwn(script, cwd, environment),
        say: (text) => say(escapeText(text)),
      });
    });
}
