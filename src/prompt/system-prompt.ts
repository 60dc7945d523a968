import { listedArguments, type Command } from "../commands/command.js";
import type { SkillSummary } from "../commands/skills.js";
import type { InstructionFile } from "../history/events/guidance.js";
import { instructionsText, skillsText } from "./guidance.js";
import { constraints, independence, performanceEvaluation, resources, responseFormat } from "./texts.js";

export type PromptParts = {
  aiName: string;
  aiRole: string;
  goals: readonly string[];
  /** In the order in which they are listed; hidden ones are left out here. */
  commands: Iterable<Command>;
  fastModel: string;
  /** Whether anything is remembered beyond the history. */
  remembers: boolean;
  /** Files that say how the user wants work done, the later ones above the earlier; none unless told. */
  instructions?: readonly InstructionFile[];
  /** Instructions for kinds of tasks that a command loads; none unless told. */
  skills?: readonly SkillSummary[];
};

const numbered = (lines: readonly string[]): string => lines.map((line, index) => `${index + 1}. ${line}`).join("\n");

/** `Label: "name", args: "file": "<file>"`, as the prompt lists a command. */
export function commandLine(command: Command): string {
  const args = listedArguments(command).map(
    ([name, placeholder]) => `${JSON.stringify(name)}: ${JSON.stringify(placeholder)}`,
  );
  return `${command.label}: "${command.name}", args: ${args.length > 0 ? args.join(", ") : '""'}`;
}

/** The system prompt: GOALS, CONSTRAINTS, COMMANDS, RESOURCES, PERFORMANCE EVALUATION and the format of the reply; INSTRUCTIONS and SKILLS where there are some. */
export function buildSystemPrompt(parts: PromptParts): string {
  const { aiName, aiRole, goals, commands, fastModel, remembers, instructions = [], skills = [] } = parts;
  const listed = [...commands].filter((command) => !command.hidden);
  const has = (name: string): boolean => listed.some((command) => command.name === name);
  const available = [
    ...(has("google") || has("browse_website") ? [resources.internet] : []),
    ...(remembers ? [resources.memory] : []),
    ...(has("start_agent") ? [resources.agents(fastModel)] : []),
    ...(has("write_to_file") ? [resources.files] : []),
  ];
  return [
    `You are ${aiName}, ${aiRole}\n${independence}`,
    `GOALS:\n\n${numbered(goals)}\n`,
    `CONSTRAINTS:\n\n${numbered(constraints)}`,
    ...(instructions.length > 0 ? [instructionsText(instructions)] : []),
    `COMMANDS:\n\n${numbered(listed.map(commandLine))}`,
    ...(skills.length > 0 ? [skillsText(skills)] : []),
    `RESOURCES:\n\n${numbered(available)}`,
    `PERFORMANCE EVALUATION:\n\n${numbered(performanceEvaluation)}`,
    responseFormat,
  ].join("\n\n");
}
