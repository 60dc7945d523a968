import * as z from "zod";
import type { Command } from "../../commands/command.js";
import { isOfOthers } from "./taped.js";

/** A command of an extension or a server, as far as the prompt and the form of replies depend on it. */
export type DescribedCommand = Pick<
  Command,
  "name" | "label" | "effect" | "hidden" | "synonyms" | "renames" | "takesAnyArguments" | "repeatable"
> & { args: Record<string, unknown>; has: { review: boolean; preview: boolean; touches: boolean; foreign: boolean } };

const describedCommand = (command: Command): DescribedCommand => {
  const { name, label, effect, hidden, synonyms, renames, takesAnyArguments, repeatable, args } = command;
  return {
    ...{ name, label, effect },
    ...(hidden !== undefined && { hidden }),
    ...(synonyms !== undefined && { synonyms }),
    ...(renames !== undefined && { renames }),
    ...(takesAnyArguments !== undefined && { takesAnyArguments }),
    ...(repeatable !== undefined && { repeatable }),
    args: z.toJSONSchema(args, { io: "input", unrepresentable: "any" }),
    has: {
      review: command.review !== undefined,
      preview: command.preview !== undefined,
      touches: command.touches !== undefined,
      foreign: command.foreign !== undefined,
    },
  };
};

/** The commands of a run as its cassette names them, the built-in ones by their names alone. */
export const describedCommands = (commands: readonly Command[]): (string | DescribedCommand)[] =>
  commands.map((command) => (isOfOthers(command) ? describedCommand(command) : command.name));
