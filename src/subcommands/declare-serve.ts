import type { Command } from "commander";
import { escapeText } from "../base/escape.js";
import { SettingsError } from "../errors.js";
import { flagsGiven } from "../settings/flags.js";
import type { Streams } from "../console/streams.js";
import type { LoadedSettings } from "../settings/load.js";
import type { SettingKey } from "../settings/schema.js";
import { packageFacts } from "../version.js";

export type ServeCommandOptions = {
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  streams: Streams;
  load(more?: { fetchKeys?: boolean }): Promise<LoadedSettings>;
  /** Says something while a command is at work. */
  say(text: string): void;
  signal: AbortSignal;
};

/** Settings that every run of another agent has in a way of its own. */
const notPassedOn: readonly SettingKey[] = [
  ...(["aiGoals", "resume", "fork", "at", "yes", "outputFormat", "onApproval"] as const),
  ...(["continuousLimit", "maxCost", "maxTokens", "maxTime"] as const),
];
const notOnResume: readonly SettingKey[] = ["aiName", "aiRole", "wipeMemory", "workspaceDirectory"];

/** Declares `autogpt mcp serve`; the code is loaded when it is used. */
export function addServe(
  program: Command,
  mcp: Command,
  { cwd, environment, load, say, signal, streams: { stdin, stdout } }: ServeCommandOptions,
): void {
  mcp
    .command("serve")
    .summary("be a server for other agents")
    .description(
      "Be an MCP server on standard input and output: other agents give goals, look at runs and answer their questions. " +
        "Takes the flags of runs (-c, --max-cost, -C …), which hold for all of them",
    )
    .option("--runs <N>", "how many may be at work at a time", "3")
    .option("--total-cost <USD>", "what all of them together may cost while the server lives")
    .action(async ({ runs, totalCost }: { runs: string; totalCost?: string }) => {
      const most = Number(runs);
      if (!Number.isInteger(most) || most < 1)
        throw new SettingsError(`--runs must be a whole number above 0, not ${JSON.stringify(runs)}.`);
      const totalUsd = totalCost === undefined ? null : Number(totalCost);
      if (totalUsd !== null && !(Number.isFinite(totalUsd) && totalUsd > 0))
        throw new SettingsError(
          `--total-cost must be a number of dollars above 0, such as 5, not ${JSON.stringify(totalCost)}.`,
        );
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
        ...{ loaded, cwd, environment, stdin, stdout, most, totalUsd, signal, flags: { begin, resume } },
        version: packageFacts().version,
        startRun: inProcessesOfTheirOwn(script, cwd, environment),
        say: (text) => say(escapeText(text)),
      });
    });
}
