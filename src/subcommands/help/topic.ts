import { commandLine } from "../../base/process/command-line.js";
import type { Command } from "commander";
import { nearestName } from "../../base/names/edit-distance.js";
import { allCommands } from "../../commands/index.js";
import { SettingsError } from "../../errors.js";
import { declaredSettings } from "../../settings/schema.js";
import type { Setting } from "../../settings/setting.js";
import { commandDetails, commandsList } from "./commands-list.js";
import { settingDetails, settingsList } from "./settings-list.js";

/**
 * The help on what these words name: `settings`, `commands`, a subcommand with its inner ones, a command of the AI, a flag or
 * a setting; the overview for no words. Throws SettingsError for a name that there is not.
 */
export function helpOn(program: Command, words: readonly string[]): string {
  const [first = "", ...others] = words;
  if (first === "") return program.helpInformation();
  const own = program.commands.find((command) => command.name() === first);
  if (own) return innerHelp(own, others);
  if (others.length > 0) throw new SettingsError(`Help is about one name at a time: ${commandLine(`help ${first}`)}`);
  const helper = program.createHelp();
  if (first === "settings") return `${settingsList(helper)}\n`;
  if (first === "commands") return `${commandsList(helper)}\n`;
  const command = allCommands.find(({ name, synonyms = [] }) => [name, ...synonyms].includes(first.toLowerCase()));
  if (command) return `${commandDetails(command, helper)}\n`;
  const setting = declaredSettings().find(([, one]) => namesOf(one).includes(plain(first)));
  if (setting) return `${settingDetails(setting[1], helper)}\n`;
  throw unknown(program, first);
}

/** Everything that `autogpt help` takes as its first word. */
export const helpTopics = (program: Command): string[] => [
  "settings",
  "commands",
  ...program.commands.map((command) => command.name()),
  ...allCommands.map(({ name }) => name),
  ...declaredSettings().flatMap(([, { flag, environment = [] }]) => [
    ...(flag ? [flag.long.slice(2)] : []),
    ...environment.slice(0, 1),
  ]),
];

function innerHelp(command: Command, words: readonly string[]): string {
  const [first, ...others] = words;
  if (first === undefined) return command.helpInformation();
  const inner = command.commands.find((one) => one.name() === first);
  if (inner) return innerHelp(inner, others);
  const names = command.commands.map((one) => one.name());
  const there = names.length > 0 ? `only ${names.join(", ")}` : "it has none";
  throw new SettingsError(`${command.name()} has no subcommand ${JSON.stringify(first)}: ${there}.`);
}

const plain = (name: string): string => name.replace(/^-+/, "").toLowerCase();

const namesOf = ({ flag, environment = [] }: Setting<unknown>): string[] =>
  [...environment, ...(flag ? [flag.long, flag.short ?? ""] : [])].map(plain);

function unknown(program: Command, name: string): SettingsError {
  const nearest = nearestName(plain(name), helpTopics(program).map(plain));
  const meant = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
  return new SettingsError(
    `There is no help on ${JSON.stringify(name)}.${meant} ${commandLine("help")} lists subcommands; "help settings" and "help commands" list the rest.`,
  );
}
