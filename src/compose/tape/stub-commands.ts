import * as z from "zod";
import { messageOf, SettingsError } from "../../errors.js";
import { allCommands } from "../../commands/index.js";
import type { Check } from "../../goals/check.js";
import { allChecks } from "../../goals/index.js";
import type { Command } from "../../commands/command.js";
import type { DescribedCommand } from "./described-commands.js";

/**
 * The commands of a recorded run: the built-in ones as this build has them, without those that it has not; of others what the prompt
 * and the form of replies are made from. These are never carried out.
 */
export function stubbedCommands(described: readonly (string | DescribedCommand)[]): Command[] {
  const own = new Map(allCommands.map((command) => [command.name, command]));
  return described.flatMap((one) => {
    if (typeof one !== "string") return [stubOf(one)];
    const command = own.get(one);
    return command === undefined ? [] : [command];
  });
}

function stubOf({ args, has, ...fields }: DescribedCommand): Command {
  const never = (): never => {
    throw new Error("A command of somebody else's is never carried out in a replay.");
  };
  return {
    ...fields,
    args: argumentsOf(fields.name, args),
    ...(has.review && { review: never }),
    ...(has.preview && { preview: never }),
    ...(has.touches && { touches: never }),
    ...(has.foreign && { foreign: never }),
    run: never,
  };
}

type Schema = Exclude<Parameters<typeof z.fromJSONSchema>[0], boolean>;

/** The arguments of a JSON Schema, with their descriptions where the prompt looks for them. */
function argumentsOf(command: string, schema: Schema): z.ZodObject {
  try {
    return argumentsIn(schema);
  } catch (thrown) {
    throw new SettingsError(
      `The record of the run is damaged, so it cannot be run again: the arguments of the command ${JSON.stringify(command.slice(0, 100))} are no JSON Schema: ${messageOf(thrown)}.`,
      { cause: thrown },
    );
  }
}

function argumentsIn({ properties = {}, required = [], additionalProperties }: Schema): z.ZodObject {
  const shape = Object.entries(properties).map(([name, property]): [string, z.ZodType] => {
    const { description, ...schema } = typeof property === "boolean" ? {} : property;
    const type = z.fromJSONSchema(schema);
    const given = required.includes(name) ? type : type.optional();
    return [name, description === undefined ? given : given.describe(description)];
  });
  const fields = Object.fromEntries(shape);
  return additionalProperties === undefined || additionalProperties === false
    ? z.object(fields)
    : z.looseObject(fields);
}

/** The built-in checks, and those of others by their names: what they found is on record. */
export const stubbedChecks = (others: readonly string[]): Check[] => [
  ...allChecks,
  ...others.map((name): Check => ({
    name,
    value: z.unknown(),
    title: (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value)),
    run: () => Promise.reject(new Error("A check of somebody else's is never carried out in a replay.")),
  })),
];
