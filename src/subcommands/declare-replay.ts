import type { Command } from "commander";
import { escapeText } from "../base/escape.js";
import type { Streams } from "../console/streams.js";
import { SettingsError } from "../errors.js";
import type { LoadedSettings } from "../settings/load.js";
import { packageFacts } from "../version.js";

export type ReplayCommands = {
  streams: Streams;
  load(): Promise<LoadedSettings>;
  signal: AbortSignal;
  finish(exitCode: number): void;
};

/** Declares what is done with a run's record: `autogpt replay`. The code is loaded when it is used. */
export function addReplayCommands(program: Command, { streams, load, signal, finish }: ReplayCommands): void {
  const print = (text: string): void => void streams.stdout.write(`${text}\n`);
  const warn = (text: string): void => void streams.stderr.write(`${escapeText(text)}\n`);
  program
    .command("replay")
    .summary("run a run again from its record, offline")
    .description(
      "Run a run again from its record, in a copy of its workspace and without network; exit 8 where a request differs",
    )
    .argument("[run]", "its name, or a beginning or an end of it; the last one unless told")
    .option("--until <STEP>", "no further than this step")
    .option("--json", "as one JSON object")
    .action(async (given: string | undefined, { until, json = false }: { until?: string; json?: boolean }) => {
      const { settings, secrets } = await load();
      const { lastRunOf, runNamed } = await import("../history/listing/find-run.js");
      const { replay } = await import("../run/replay/replay.js");
      const { home } = settings;
      const { version } = packageFacts();
      const run = given === undefined ? await lastRunOf(home) : await runNamed(home, given);
      const steps = until === undefined ? null : stepFrom(until);
      const { text, code } = await replay({ home, run, version, secrets, until: steps, signal, warn }, { json });
      print(json ? text : escapeText(text));
      finish(code);
    });
}

function stepFrom(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new SettingsError(`--until must be the number of a step, from 1 on, but is ${JSON.stringify(text)}.`);
}
