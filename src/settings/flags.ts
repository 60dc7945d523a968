import type { Command } from "commander";
import { SettingsError } from "../errors.js";
import { readValue } from "./read-value.js";
import { declaredSettings, type SettingKey, type Settings } from "./schema.js";
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
    .version(version, "-V, --version", "Print the version")
    .helpOption("-h, --help", "Print this help")
    .argument("[goal...]", "What to do, in plain words; starts at once, as --ai-goal does")
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

/** What stands behind the help on a setting; "" where there is no default to tell. */
export const shownDefault = (value: unknown): string =>
  value === undefined || value === false ? "" : ` (default: ${defaultText(value)})`;

/**
 * The settings among parsed options (`program.opts()`), checked; `words` are those of a goal that stands without a flag, the
 * first of all. Throws SettingsError.
 */
export function settingsFromFlags(
  options: Readonly<Record<string, unknown>>,
  words: readonly string[] = [],
): Partial<Settings> {
  const given = declaredSettings().flatMap(([key, setting]) => {
    const raw = setting.flag && options[optionName(setting.flag)];
    return raw === undefined ? [] : [[key, flagValue(setting, raw)] as const];
  });
  const settings = Object.fromEntries<unknown>(given) as Partial<Settings>;
  if (words.length > 0 && settings.resume !== undefined)
    throw new SettingsError("--resume goes on with a run and its goals: leave the goal out, or --resume.");
  if (words.length > 0 && settings.fork !== undefined)
    throw new SettingsError(
      "--fork goes on with the goals of the run that it comes from: leave the goal out, or --fork.",
    );
  if (words.length > 0) settings.aiGoals = [goalOf(words), ...(settings.aiGoals ?? [])];
  refuseContradictions(settings);
  return settings;
}

function goalOf(words: readonly string[]): string {
  const goal = words.join(" ").trim();
  if (goal === "") throw new SettingsError("The goal is empty: say in plain words what is to be done.");
  return goal;
}

const optionName = ({ long }: Flag): string =>
  long.slice(2).replace(/-(\w)/g, (_match, letter: string) => letter.toUpperCase());

/** The flags among parsed options (`program.opts()`) as they would be typed, without those of these settings. */
export const flagsGiven = (options: Readonly<Record<string, unknown>>, without: ReadonlySet<SettingKey>): string[] =>
  declaredSettings().flatMap(([key, { flag }]) => {
    const given = flag && !without.has(key) ? options[optionName(flag)] : undefined;
    if (flag === undefined || given === undefined || given === false) return [];
    if (given === true) return [flag.long];
    const values: unknown[] = Array.isArray(given) ? given : [given];
    return values.map((value) => `${flag.long}=${String(value)}`);
  });

const flagValue = (setting: Setting<unknown>, raw: unknown): unknown =>
  readValue(setting, raw, { kind: "flag", text: setting.flag?.long ?? "" });

/** Throws SettingsError for settings that exclude each other. */
export function refuseContradictions(given: Partial<Settings>): void {
  if (
    given.continuousLimit !== undefined &&
    !given.continuous &&
    given.resume === undefined &&
    given.fork === undefined
  )
    throw new SettingsError("--continuous-limit can only be used with --continuous");
  if (given.fork !== undefined && given.resume !== undefined)
    throw new SettingsError("--fork starts a new run, --resume goes on with an old one: give one of them.");
  if (given.fork === undefined && (given.at !== undefined || given.yes))
    throw new SettingsError(`${given.yes ? "--yes" : "--at"} can only be used with --fork`);
  if (given.acceptChanges && given.resume === undefined && given.fork === undefined)
    throw new SettingsError("--accept-changes can only be used with --resume or --fork");
  if (given.gpt3only && given.gpt4only)
    throw new SettingsError("--gpt3only and --gpt4only contradict each other: give one of them.");
}
