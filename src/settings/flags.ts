import type { Command } from "commander";
import { nearestName } from "../base/edit-distance.js";
import { SettingsError } from "../errors.js";
import { readValue } from "./read-value.js";
import { declaredSettings, type Settings } from "./schema.js";
import type { Flag, Setting } from "./setting.js";
import { defaultText } from "./template.js";

/**
 * The command line, made from the schema; subcommands can be added to it. Nothing that it does ends the process.
 * `write` gets the text of `--help` and `--version`.
 */
export async function createProgram(version: string, write: (text: string) => void): Promise<Command> {
  const { Command, Option } = await import("commander");
  const program = new Command("autogpt")
    .description("Works towards goals by itself: it thinks, asks you, and runs one command a step.")
    .version(version, "--version", "Print the version")
    .helpOption("-h, --help", "Print this help")
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: () => undefined });
  for (const [, { flag, group, help, ...setting }] of declaredSettings()) {
    if (flag === undefined) continue;
    const option = new Option(spelled(flag), help + shownDefault(setting.default)).helpGroup(`${group}:`);
    if (flag.repeated) option.argParser((value: string, before: string[] = []) => [...before, value]);
    program.addOption(option);
  }
  return program;
}

/** `-m, --use-memory <TYPE>`. */
export const spelled = ({ short, long, argument }: Flag): string => {
  const shownArgument = argument?.startsWith("[") ? ` ${argument}` : argument && ` <${argument}>`;
  return `${short ? `${short}, ` : ""}${long}${shownArgument ?? ""}`;
};

const shownDefault = (value: unknown): string =>
  value === undefined || value === false ? "" : ` (default: ${defaultText(value)})`;

/**
 * Parses the arguments (without node and script) and runs the action they name; "shown": only help or the version was asked for.
 * Throws SettingsError for what is no usage of the program, and whatever the action throws.
 */
export async function parseProgram(program: Command, args: readonly string[]): Promise<"ran" | "shown"> {
  const { CommanderError } = await import("commander");
  try {
    await program.parseAsync(args, { from: "user" });
    return "ran";
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return "shown";
    throw new SettingsError(`${usageProblem(program, error.code, error.message)} Run autogpt --help.`, {
      cause: error,
    });
  }
}

function usageProblem(program: Command, code: string, message: string): string {
  const names = program.commands.map((command) => command.name());
  const [first = ""] = program.args;
  if (code === "commander.excessArguments" && !names.includes(first)) {
    const nearest = nearestName(first, names);
    const meant = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
    return `There is no subcommand ${JSON.stringify(first)}${names.length > 0 ? `, only ${names.join(", ")}` : ""}.${meant}`;
  }
  if (code === "commander.help") {
    const inner = program.commands.find((command) => command.name() === first)?.commands ?? [];
    return `${first} needs a subcommand: ${inner.map((command) => command.name()).join(", ")}.`;
  }
  const sentence = message.replace(/^error: /, "").replaceAll("\n", " ");
  return /[.)?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** The settings among parsed options (`program.opts()`), checked. Throws SettingsError. */
export function settingsFromFlags(options: Readonly<Record<string, unknown>>): Partial<Settings> {
  const given = declaredSettings().flatMap(([key, setting]) => {
    const raw = setting.flag && options[optionName(setting.flag)];
    return raw === undefined ? [] : [[key, flagValue(setting, raw)] as const];
  });
  const settings = Object.fromEntries<unknown>(given) as Partial<Settings>;
  refuseContradictions(settings);
  return settings;
}

const optionName = ({ long }: Flag): string =>
  long.slice(2).replace(/-(\w)/g, (_match, letter: string) => letter.toUpperCase());

const flagValue = (setting: Setting<unknown>, raw: unknown): unknown =>
  readValue(setting, raw, { kind: "flag", text: setting.flag?.long ?? "" });

/** Throws SettingsError for settings that exclude each other. */
export function refuseContradictions(given: Partial<Settings>): void {
  if (given.continuousLimit !== undefined && !given.continuous && given.resume === undefined)
    throw new SettingsError("--continuous-limit can only be used with --continuous");
  if (given.gpt3only && given.gpt4only)
    throw new SettingsError("--gpt3only and --gpt4only contradict each other: give one of them.");
}
