import { commandLine } from "../base/process/command-line.js";
import type { Command } from "commander";
import { SettingsError } from "../errors.js";
import type { SubcommandUse } from "./memory/own-memory.js";

export type MemoryCommandOptions = {
  cwd: string;
  /** Prints a result: text made safe for a terminal, JSON as it is. */
  print(text: string, json?: boolean): void;
  /** Writes a line of a long result; resolves when more can be written. */
  write(line: string): Promise<void>;
  /** Reads the settings, with the flags of the whole program. */
  use(): Promise<SubcommandUse>;
  /** Asks the person at the terminal; null where there is none. */
  confirm: ((question: string) => Promise<boolean>) | null;
};

type Flags = { json?: boolean };

/** Declares `autogpt ingest` and `autogpt memory …`; the code of each is loaded when it is used. */
export function addMemoryCommands(program: Command, options: MemoryCommandOptions): void {
  addIngest(program, options);
  const memory = program
    .command("memory")
    .summary("look into this AI's memory, mend it, carry it elsewhere")
    .description(`Look into this AI's memory, mend it, carry it elsewhere (${commandLine("memory --help")})`);
  addLooking(memory, options);
  addChanging(memory, options);
  addCarrying(memory, options);
}

function addIngest(program: Command, { cwd, print, use }: MemoryCommandOptions): void {
  program
    .command("ingest")
    .summary("put files of the workspace into this AI's memory")
    .description("Put files of the workspace into this AI's memory; what is unchanged is skipped")
    .option("--file <file>", "one file of the workspace")
    .option("--dir <dir>", "all files below a folder of the workspace")
    .option("--init", "forget everything first")
    .option("--overlap <characters>", "how much two pieces of a text share", "200")
    .option("--max-length <characters>", "the longest piece of a text", "4000")
    .action(async (flags: { file?: string; dir?: string; init?: boolean; overlap: string; maxLength: string }) => {
      const { ingest } = await import("./ingest.js");
      const options = {
        cwd,
        file: flags.file,
        directory: flags.dir,
        init: flags.init === true,
        overlap: wholeNumber("--overlap", flags.overlap, 0),
        maxLength: wholeNumber("--max-length", flags.maxLength, 1),
      };
      print(await ingest(await use(), options));
    });
}

function addLooking(memory: Command, { print, use }: MemoryCommandOptions): void {
  memory
    .command("stats")
    .description("What it is and how much it holds")
    .option("--json", "as one JSON object")
    .action(async ({ json = false }: Flags) => {
      const { memoryStats } = await import("./memory/look.js");
      print(await memoryStats(await use(), { json }), json);
    });
  memory
    .command("search <text>")
    .description("What would be recalled, best first, with score, age and source")
    .option("-k, --count <count>", "at most this many records", "10")
    .option("--json", "as one JSON array")
    .action(async (text: string, { json = false, count }: Flags & { count: string }) => {
      const { searchMemory } = await import("./memory/look.js");
      print(await searchMemory(await use(), text, { json, count: wholeNumber("--count", count, 1) }), json);
    });
  memory
    .command("show [ids...]")
    .description("Whole records by the beginning of their ids; without ids a list of the newest")
    .option("-k, --count <count>", "at most this many records in the list", "20")
    .option("--json", "as one JSON array")
    .action(async (ids: string[], { json = false, count }: Flags & { count: string }) => {
      const { showMemory } = await import("./memory/look.js");
      print(await showMemory(await use(), ids, { json, count: wholeNumber("--count", count, 1) }), json);
    });
}

function addChanging(memory: Command, { print, use, confirm }: MemoryCommandOptions): void {
  memory
    .command("forget [ids...]")
    .description("Forget the records that everything given holds for")
    .option("--run <run>", "of this run (ingest: of ingested files)")
    .option("--kind <kind>", "step, page, file or note")
    .option("--from <source>", "of this file or page")
    .option("--before <date>", "older than this date")
    .option("--json", "as one JSON object")
    .action(async (ids: string[], { json = false, ...filter }: Flags & Record<string, string>) => {
      const { forgetRecords } = await import("./memory/change.js");
      print(await forgetRecords(await use(), { ids, ...filter }, { json }), json);
    });
  memory
    .command("reembed")
    .description("Embed every record anew with the model of the settings, and go on with that one")
    .option("--json", "as one JSON object")
    .action(async ({ json = false }: Flags) => {
      const { reembedMemory } = await import("./memory/change.js");
      print(await reembedMemory(await use(), { json }), json);
    });
  memory
    .command("clear")
    .description("Forget everything of this AI, and nothing else; a copy is kept")
    .option("--yes", "without asking")
    .option("--json", "as one JSON object")
    .action(async ({ json = false, yes = false }: Flags & { yes?: boolean }) => {
      const { clearMemory } = await import("./memory/change.js");
      print(await clearMemory(await use(), { json, confirm: yes ? null : confirm }), json);
    });
}

function addCarrying(memory: Command, { print, write, use }: MemoryCommandOptions): void {
  memory
    .command("export [file]")
    .description("Every record as a line of JSON, to standard output or a new file")
    .option("--no-vectors", "without vectors: smaller, but embedded again where it is imported")
    .option("--json", "says what was exported to a file as one JSON object")
    .action(async (file: string | undefined, { json = false, vectors }: Flags & { vectors: boolean }) => {
      const { exportMemory } = await import("./memory/carry.js");
      const said = await exportMemory(await use(), { json, file, vectors, write });
      if (said !== null) print(said, json);
    });
  memory
    .command("import <file>")
    .description("Add exported records (-: from standard input); those that are there are skipped")
    .option("--json", "as one JSON object")
    .action(async (file: string, { json = false }: Flags) => {
      const { importMemory } = await import("./memory/carry.js");
      print(await importMemory(await use(), file, { json }), json);
    });
}

function wholeNumber(flag: string, text: string, least: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new SettingsError(`${flag} has to be a whole number of at least ${least}, not ${JSON.stringify(text)}.`);
}
