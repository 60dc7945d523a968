import type * as z from "zod";
import { listedArguments, type Command } from "../commands/command.js";
import { toolNames, type Tool } from "../model/native-calls.js";
import { argumentSchema } from "./reply-schema.js";

/** The commands that the prompt lists, as tools; of their arguments those that it lists. */
export function toolsOf(commands: Iterable<Command>): Tool[] {
  const listed = [...commands].filter(({ hidden }) => !hidden);
  const names = toolNames(listed.map(({ name }) => name));
  return listed.map((command, index) => ({
    name: names[index] ?? command.name,
    command: command.name,
    description: command.label,
    parameters: parametersOf(command),
  }));
}

function parametersOf(command: Command): Record<string, unknown> {
  const { shape } = command.args;
  const types = listedArguments(command).map(([name]) => [name, shape[name] as unknown as z.ZodType] as const);
  return {
    type: "object",
    properties: Object.fromEntries(types.map(([name, type]) => [name, argumentSchema(type)])),
    required: types.filter(([, type]) => !type.safeParse(undefined).success).map(([name]) => name),
  };
}
