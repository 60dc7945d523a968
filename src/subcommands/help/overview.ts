import { commandLine } from "../../base/process/command-line.js";
import type { Command, Help } from "commander";

/** Arguments, and what a start with them does. */
const examples: readonly (readonly [args: string, meaning: string])[] = [
  ["demo", "see it work: no key, no network"],
  ["init", "set up a key or a server, and an AI"],
  ['"compare three bicycles"', "start with this goal"],
  ["", "start with the AI of ai_settings.yaml"],
  ["--resume", "go on with a run that was stopped"],
  ["-c -y --max-cost 1.50", "ask nothing, spend 1.50 dollars at most"],
  ["-w .", "work on the project that you stand in"],
];

/** The flags that most people need, in fewer words than `autogpt help settings` has for them. */
const commonFlags: ReadonlyMap<string, string> = new Map([
  ["--continuous", "run commands without asking"],
  ["--skip-reprompt", "begin without a question"],
  ["--resume", "go on with a run; the last one, if left out"],
  ["--max-cost", "at most so many US dollars in the run"],
  ["--max-time", "at most so long: 90 (seconds), 5m, 1h"],
  ["--output-format", "text, json or stream-json"],
  ["--ai-settings", "another file than ai_settings.yaml"],
  ["--workspace-directory", "another workspace; . is this folder"],
]);

/** Subcommands that few people need: only their names are shown. */
const rareSubcommands: ReadonlySet<string> = new Set([
  "run",
  "acp",
  "add",
  "answer",
  "ingest",
  "submit",
  "work",
  "fleet",
  "replay",
  "compare",
  "bundle",
  "export",
  "mcp",
  "completion",
  "config",
  "schema",
]);

/** What `autogpt --help` prints: one screen of 80 columns with examples, subcommands and the most common flags. */
export function overview(program: Command, helper: Help): string {
  const shown = program.commands.filter((command) => !rareSubcommands.has(command.name()));
  const rare = program.commands.filter((command) => rareSubcommands.has(command.name()));
  const section = (title: string, rows: readonly (readonly [string, string])[]): string =>
    [title, ...columns(rows, helper)].join("\n");
  return `${[
    `Usage: autogpt ${program.usage()}\n\n${program.description()}`,
    section(
      "Examples:",
      examples.map(([args, meaning]) => [commandLine(args), meaning]),
    ),
    section("Subcommands:", [
      ...shown.map((command): [string, string] => [command.name(), helper.subcommandDescription(command)]),
      ...inLines(rare.map((command) => command.name())).map((line): [string, string] => [line, ""]),
    ]),
    section(
      "The most common flags:",
      program.options.flatMap(({ flags, long }) => {
        const meaning = commonFlags.get(long ?? "");
        return meaning === undefined ? [] : [[flags, meaning] as const];
      }),
    ),
    section("More:", [
      [commandLine("help settings"), "every flag, and every setting of .env"],
      [commandLine("help commands"), "what the AI can do, and what of it you are asked about"],
      [commandLine("help NAME"), "a subcommand, flag, setting, or command of the AI"],
    ]),
  ].join("\n\n")}\n`;
}

/** Text in lines of at most 80 columns, each indented by so many spaces. */
export const wrapped = (text: string, indent: number, helper: Help): string[] =>
  helper
    .boxWrap(text, 80 - indent)
    .split("\n")
    .map((line) => " ".repeat(indent) + line);

/** Rows of two columns, each on a line of its own where it fits. */
export function columns(rows: readonly (readonly [string, string])[], helper: Help): string[] {
  const widest = Math.max(...rows.filter(([, text]) => text !== "").map(([term]) => term.length));
  return rows.map(([term, text]) => helper.formatItem(term, widest, text, helper));
}

/** Words, broken into lines that fit on 80 columns behind their indentation. */
function inLines(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 77) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
