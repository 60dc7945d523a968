import type { Command } from "commander";
import { nearestName } from "../base/names/edit-distance.js";
import { commandLine } from "../base/process/command-line.js";
import { SettingsError } from "../errors.js";

/**
 * Parses the arguments (without node and script) and runs the action they name; "shown": only help or the version was asked for.
 * Throws SettingsError for what is no usage of the program, and whatever the action throws.
 */
export async function parseProgram(program: Command, given: readonly string[]): Promise<"ran" | "shown"> {
  const { CommanderError } = await import("commander");
  const args = asked(given);
  const at = firstOperand(program, args);
  const named = at === null ? undefined : program.commands.find((command) => command.name() === args[at]);
  if (at !== null && !named) refuseMisspelt(program, args.slice(at));
  try {
    await program.parseAsync(named && at !== null ? apart(program, named, args, at) : args, { from: "user" });
    return "ran";
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return "shown";
    const failing = named ? innermost(named, args.slice((at ?? 0) + 1)) : program;
    const path = [failing === program ? "" : pathOf(failing), "--help"].join(" ").trim();
    throw new SettingsError(`${usageProblem(failing, error.code, error.message)} Run "${commandLine(path)}".`, {
      cause: error,
    });
  }
}

/** Whether the arguments may name a subcommand, or ask for help on all of them: a start with flags alone does without declaring any. */
export const namesMoreThanFlags = (program: Command, args: readonly string[]): boolean =>
  args.some((argument) => argument === "--" || /^-[a-z]*h|^--he/i.test(argument)) ||
  firstOperand(program, args) !== null;

/** Where the first argument stands that is neither a flag nor the value of one; null where none is. */
function firstOperand(program: Command, args: readonly string[]): number | null {
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] as string;
    if (argument === "--") return null;
    if (!argument.startsWith("-")) return at;
    const option = program.options.find(({ long, short }) => long === argument || short === argument);
    if (option?.required) at += 1;
    // A value that may be left out is one where no other flag follows.
    else if (option?.optional && args[at + 1]?.startsWith("-") === false) at += 1;
  }
  return null;
}

/** `-v` and `version`, which many programs have. */
const asked = (args: readonly string[]): readonly string[] =>
  args.length === 1 && /^(?:-v|version)$/.test(args[0] ?? "") ? ["--version"] : args;

/**
 * The arguments from a subcommand on. What stands before it is read as the program's own flags; behind it, a flag that both
 * have is the subcommand's.
 */
function apart(program: Command, named: Command, args: readonly string[], at: number): readonly string[] {
  const own = new Set(innermost(named, args.slice(at + 1)).options.map(({ long }) => long));
  const shadowed = program.options.filter(({ long }) => own.has(long));
  if (shadowed.length === 0) return args;
  program.parseOptions(args.slice(0, at));
  (program.options as unknown[]).splice(0, Infinity, ...program.options.filter((option) => !shadowed.includes(option)));
  return args.slice(at);
}

/** The command that these arguments name, from this one on. */
function innermost(command: Command, args: readonly string[]): Command {
  const inner = command.commands.find((one) => one.name() === args[0]);
  return inner ? innermost(inner, args.slice(1)) : command;
}

const pathOf = (command: Command): string =>
  command.parent?.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

/** A word that is nearly a subcommand's is not taken for a goal, which would cost money. Throws SettingsError. */
function refuseMisspelt(program: Command, words: readonly string[]): void {
  const [word = "", ...others] = words;
  if (/\s/.test(word)) return;
  const names = program.commands.map((command) => command.name());
  // Flags that read like a subcommand, since what is like them is one.
  if (/^(?:resume|fork)$/i.test(word) && names.includes("run")) {
    const flag = `--${word.toLowerCase()}${others[0] === undefined ? "" : ` ${others[0]}`}`;
    throw new SettingsError(
      `There is no subcommand ${JSON.stringify(word)}, but a flag: ${commandLine(flag)}. If it is a goal: ${commandLine(`run ${JSON.stringify(word)}`)}`,
    );
  }
  const most = others.length > 0 || word.length <= 4 ? 1 : 2;
  const nearest = nearestName(word.toLowerCase(), names, most);
  if (nearest === undefined) return;
  const isGoal = names.includes("run") ? ` If it is a goal: ${commandLine(`run ${JSON.stringify(word)}`)}` : "";
  throw new SettingsError(`There is no subcommand ${JSON.stringify(word)}. Did you mean ${nearest}?${isGoal}`);
}

function usageProblem(command: Command, code: string, message: string): string {
  if (code === "commander.help" && command.parent)
    return `${pathOf(command)} needs a subcommand: ${command.commands.map((inner) => inner.name()).join(", ")}.`;
  const sentence = message.replace(/^error: /, "").replaceAll("\n", " ");
  return /[.)?]$/.test(sentence) ? sentence : `${sentence}.`;
}
