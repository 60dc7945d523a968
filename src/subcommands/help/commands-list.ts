import { commandLine } from "../../base/process/command-line.js";
import type { Help } from "commander";
import { listedArguments, type Command, type Need } from "../../commands/command.js";
import { allCommands } from "../../commands/index.js";
import { columns, wrapped } from "./overview.js";

/** What a person has to do for a run to have it. */
const needed: Readonly<Record<Need, string>> = {
  shell: "with EXECUTE_LOCAL_COMMANDS=True",
  python: "where there is a sandbox for Python",
  downloads: "with --allow-downloads",
  images: "where images can be made (IMAGE_PROVIDER)",
  skills: "where there are skills (docs/instructions.md)",
};

/** Every command that the AI is told of, by what it does to the world, and which of them a person is asked about. */
export function commandsList(helper: Help): string {
  const listed = allCommands.filter(({ hidden }) => hidden !== true);
  const effects = [...new Set(listed.map(({ effect }) => effect))];
  const chapters = effects.map((effect) =>
    [
      `${effect}:`,
      ...columns(
        listed
          .filter((command) => command.effect === effect)
          .map((command) => [command.name, inShort(command)] as const),
        helper,
      ),
    ].join("\n"),
  );
  return [...introduction, ...chapters, ending()].join("\n\n");
}

const introduction = [
  "What the AI can do, by the effect that is shown when you are asked about it.",
  "You are asked about each of them before it runs. These are not asked about: what\n" +
    "y -N has allowed, what a rule under approve: in ai_settings.yaml allows, and\n" +
    "everything with --continuous. Code that nothing confines takes a yes of its own.",
];

const ending = (): string => `${commandLine("help NAME")} shows the arguments of one. Extensions can add more.`;

const inShort = ({ label, needs }: Command): string => (needs ? `${label}, ${needed[needs]}` : label);

/** One command with its arguments, what it does to the world, and what it needs. */
export function commandDetails(command: Command, helper: Help): string {
  const { name, label, effect, needs, synonyms = [] } = command;
  const written = listedArguments(command).map(([argument, placeholder]) => `"${argument}": "${placeholder}"`);
  return [
    `${name}: ${label}`,
    `  Arguments: ${written.join(", ") || "none"}`,
    `  Effect: ${effect}`,
    ...(needs ? [`  It is there ${needed[needs]}.`] : []),
    ...(synonyms.length > 0 ? wrapped(`Also understood as ${synonyms.join(", ")}.`, 2, helper) : []),
    ...wrapped(`A rule for it, under approve: in ai_settings.yaml: "${name}: always" (or never, or ask).`, 2, helper),
  ].join("\n");
}
