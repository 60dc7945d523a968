import * as z from "zod";
import { isObject } from "../base/json.js";
import type { JsonObject } from "./json/read-object.js";
import type { CommandCall, Thoughts } from "../history/event-parts.js";

/** What a reply says: one command, or one line that says what is wrong with it. */
export type Reply =
  { command: CommandCall; problem: null; thoughts: Thoughts } | { command: null; problem: string; thoughts: Thoughts };

/** What the response format of the prompt holds in place of a name and an argument: a reply that repeats it names no command. */
export const commandTemplate = { name: "command name", arg: "arg name" } as const;

const namesNothing = ["", "none", "null"];

/** The name of a command: anything but nothing at all and the template's placeholder. It is not trimmed. */
const commandName = z
  .string("its name is not a text")
  .refine((name) => !namesNothing.includes(name.trim().toLowerCase()), "its name is empty")
  .refine((name) => name.trim().toLowerCase() !== commandTemplate.name, "it repeats the response format");

/** Arguments pass through untouched, by reference: a copy could lose keys such as `__proto__`. */
const commandArgs = z
  .custom<JsonObject>(isObject, "its args are not an object")
  .refine((args) => !Object.hasOwn(args, commandTemplate.arg), "it repeats the response format");

/** The command of a reply, once its other spellings have been brought to `name` and `args`. Issues read after "The command cannot be used: ". */
export const commandSchema = z.object({ name: commandName, args: commandArgs });
