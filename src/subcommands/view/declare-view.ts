import type { Command } from "commander";
import { escapeText } from "../../base/escape.js";
import { fittedTo, type Streams } from "../../console/streams.js";
import type { LoadedSettings } from "../../settings/load.js";

type ViewCommandOptions = {
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  streams: Streams;
  load(): Promise<LoadedSettings>;
  signal: AbortSignal;
};

type Flags = { export?: string; open: boolean; all?: boolean };

/** Declares `autogpt view`; its code is loaded when it is used. */
export function addViewCommand(program: Command, { streams, load, ...options }: ViewCommandOptions): void {
  const { stdout } = streams;
  program
    .command("view")
    .summary("watch a run, and all runs of this folder, in a browser")
    .description("Show a run in a browser while it goes on or afterwards; two runs side by side. Ctrl-C ends it")
    .argument("[runs...]", "one run, or two to compare; the newest, if left out")
    .option("--all", "with the runs of every folder in which you have run it")
    .option("--export <FILE>", "write one HTML file that shows them without a server, and end")
    .option("--no-open", "print the address alone, and open no browser")
    .action(async (given: string[], { export: exportTo, open, all = false }: Flags) => {
      const { view } = await import("./view.js");
      await view({
        ...options,
        ...{ loaded: await load(), given, exportTo, all, open: open && stdout.isTTY === true },
        print: (text) => void stdout.write(`${fittedTo(stdout, escapeText(text))}\n`),
      });
    });
}
