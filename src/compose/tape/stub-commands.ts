import * as z from "zod";
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
    args: z.fromJSONSchema(args as Parameters<typeof z.fromJSONSchema>[0]) as z.ZodObject,
    ...(has.review && { review: never }),
    ...(has.preview && { preview: never }),
    ...(has.touches && { touches: never }),
    ...(has.foreign && { foreign: never }),
    run: never,
  };
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
