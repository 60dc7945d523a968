import { Option, type Command } from "commander";
import { escapeText } from "../base/escape.js";
import { counted, sizeText } from "../base/text.js";
import type { Streams } from "../console/streams.js";
import { SettingsError } from "../errors.js";
import type { LoadedSettings } from "../settings/load.js";
import type { Bundled } from "../run/replay/bundle/write-bundle.js";
import { packageFacts } from "../version.js";

export type ReplayCommands = {
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  streams: Streams;
  load(): Promise<LoadedSettings>;
  signal: AbortSignal;
  finish(exitCode: number): void;
  /** Carries out the run that these settings name, as plain `autogpt` does. */
  goOn(loaded: LoadedSettings): Promise<void>;
};

const aRun = "its name, or a beginning or an end of it; the last one unless told";

/** Declares what is done with a run's record: replay, compare, bundle and export. The code of each is loaded when it is used. */
export function addReplayCommands(program: Command, options: ReplayCommands): void {
  const print = (text: string): void => void options.streams.stdout.write(`${text}\n`);
  addReplay(program, options, print);
  program
    .command("compare")
    .summary("show where two runs part")
    .description(
      "Show where two runs part: the first request, reply, command or outcome that differs; and what each came to",
    )
    .argument("<run>", "the first one's name, or a beginning or an end of it")
    .argument("<other>", "the second one's")
    .option("--json", "as one JSON object")
    .action(async (one: string, other: string, { json = false }: { json?: boolean }) => {
      const { settings, secrets } = await options.load();
      const { home } = settings;
      const { compare } = await import("./record/compare.js");
      const { createMask } = await import("../base/mask.js");
      const { columns, isTTY } = options.streams.stdout as { columns?: number; isTTY?: boolean };
      const runs = [await named(home, one), await named(home, other)] as const;
      const text = await compare(home, runs, {
        json,
        width: isTTY === true ? columns : undefined,
        mask: createMask(secrets),
      });
      print(json ? text : escapeText(text));
    });
  addBundle(program, options, print);
  addExport(program, options, print);
}

async function named(home: string, given: string | undefined): Promise<string> {
  const { lastRunOf, runNamed } = await import("../history/listing/find-run.js");
  return given === undefined ? lastRunOf(home) : runNamed(home, given);
}

type Print = (text: string) => void;

type ReplayFlags = { until?: string; model?: string; json?: boolean };

function addReplay(program: Command, options: ReplayCommands, print: Print): void {
  program
    .command("replay")
    .summary("run a run again from its record, offline")
    .description(
      "Run a run again from its record, in a copy of its workspace and without network; exit 8 where a request differs",
    )
    .argument("[run]", `${aRun}; or the file of a bundle`)
    .option("--until <STEP>", "no further than this step")
    .addOption(
      new Option("--model <WHICH>", "live: go on from there with the real model, in a copy that stays").choices([
        "live",
      ]),
    )
    .option("--json", "as one JSON object")
    .action((given: string | undefined, flags: ReplayFlags) => replayGiven(given, flags, options, print));
}

async function replayGiven(
  given: string | undefined,
  { until, model, json = false }: ReplayFlags,
  { cwd, streams, load, signal, finish, goOn }: ReplayCommands,
  print: Print,
): Promise<void> {
  const loaded = await load();
  const { settings, secrets } = loaded;
  const warn = (text: string): void => void streams.stderr.write(`${escapeText(text)}\n`);
  const { version } = packageFacts();
  const about = { version, secrets, until: until === undefined ? null : stepFrom(until), signal, warn };
  const isBundle = given?.endsWith(".zip") === true;
  if (model === "live") {
    if (isBundle)
      throw new SettingsError(
        "A bundle is the run of somebody else: only runs of this folder go on with --model live.",
      );
    const { goOnLive } = await import("../run/replay/go-on-live.js");
    const run = await named(settings.home, given);
    const { text, code, loaded: own } = await goOnLive({ ...about, home: settings.home, run }, loaded);
    (settings.outputFormat === "text" ? print : warn)(escapeText(text));
    return own === null ? finish(code) : goOn(own);
  }
  const { replay } = await import("../run/replay/replay.js");
  const { resolve } = await import("node:path");
  const { withBundle } = await import("../run/replay/bundle/read-bundle.js");
  const { text, code } = isBundle
    ? await withBundle(resolve(cwd, given), (unpacked) => replay({ ...about, ...unpacked }, { json }))
    : await replay({ ...about, home: settings.home, run: await named(settings.home, given) }, { json });
  print(json ? text : escapeText(text));
  finish(code);
}

function addBundle(program: Command, { cwd, load }: ReplayCommands, print: Print): void {
  program
    .command("bundle")
    .summary("pack all that a replay of a run needs into one file")
    .description("Pack all that a replay of a run needs into one file, for a report of a fault or another machine")
    .argument("[run]", aRun)
    .option("-o, --output <FILE>", "the file; autogpt-RUN.zip in this folder unless told")
    .action(async (given: string | undefined, { output }: { output?: string }) => {
      const { settings, secrets } = await load();
      const { resolve } = await import("node:path");
      const { writeFile } = await import("node:fs/promises");
      const { bundleRun } = await import("../run/replay/bundle/write-bundle.js");
      const run = await named(settings.home, given);
      const file = resolve(cwd, output ?? `autogpt-${run}.zip`);
      if (!file.endsWith(".zip")) throw new SettingsError("The name of a bundle ends in .zip.");
      const bundled = await bundleRun({ settings, cwd, run, version: packageFacts().version, secrets });
      await writeFile(file, bundled.bytes, { mode: 0o600 });
      print(escapeText(bundledLines(file, run, bundled).join("\n")));
    });
}

const mostNamed = 20;

/** What a bundle has and has not, in sentences. */
function bundledLines(file: string, run: string, { workspaceFiles, contents, left, ...more }: Bundled): string[] {
  const others = left.length > mostNamed ? ` and ${left.length - mostNamed} others` : "";
  const { bytes, contentsWithSecrets } = more;
  return [
    `${file} (${sizeText(bytes.length)}): the journal and the record of the run ${run}, ${counted(workspaceFiles, "file")} of its workspace, ` +
      `and ${counted(contents, "earlier content")} of files that it changed.`,
    "Keys and passwords are taken out. Your goals, what was asked and answered, pages that were read and files of the workspace are in it: look at it before you give it away.",
    ...(left.length === 0 ? [] : [`Left out of the workspace: ${left.slice(0, mostNamed).join(", ")}${others}.`]),
    ...(contentsWithSecrets === 0
      ? []
      : [
          `Left out as they hold a key or password: ${counted(contentsWithSecrets, "earlier content")}. A replay may differ there.`,
        ]),
  ];
}

function addExport(program: Command, { cwd, environment, streams, load, signal }: ReplayCommands, print: Print): void {
  program
    .command("export")
    .summary("write a run in a format of other programs")
    .description(
      "Write a run as an ATIF trajectory, OpenTelemetry traces (OTLP/JSON), a transcript in Markdown, or chat messages",
    )
    .argument("[run]", aRun)
    .addOption(
      new Option("--format <FORMAT>", "the format").choices(["atif", "otlp", "markdown", "chat"]).makeOptionMandatory(),
    )
    .option("-o, --output <FILE>", "the file; standard output unless told")
    .action(async (given: string | undefined, { format, output }: { format: "atif"; output?: string }) => {
      const { settings, secrets } = await load();
      const { exportRun, sendTraces } = await import("./record/export/export.js");
      const { createMask } = await import("../base/mask.js");
      const text = await exportRun(settings.home, await named(settings.home, given), format, createMask(secrets));
      const endpoint = environment["OTEL_EXPORTER_OTLP_ENDPOINT"];
      if (output !== undefined) {
        const { resolve } = await import("node:path");
        const { writeFile } = await import("node:fs/promises");
        await writeFile(resolve(cwd, output), text, { mode: 0o600 });
      } else if ((format as string) === "otlp" && endpoint !== undefined && endpoint !== "") {
        const headers = environment["OTEL_EXPORTER_OTLP_HEADERS"];
        print(`Sent to ${await sendTraces(text, { endpoint, headers }, signal)}`);
      } else streams.stdout.write(text);
    });
}

function stepFrom(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new SettingsError(`--until must be the number of a step, from 1 on, but is ${JSON.stringify(text)}.`);
}
