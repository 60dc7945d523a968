import type * as z from "zod";
import type { Effect } from "../commands/command.js";
import type { ExtensionContext } from "./context.js";

/** What a command does to the world, as the person is told who is asked about it. */
export type ExtensionEffect = Exclude<Effect, "ends the run">;

/** `text` is for the model: an answer, or what went wrong when `ok` is false. */
export type ExtensionResult = { ok: boolean; text: string };

/** An object of zod, or the names of arguments that are all texts, each with its placeholder: `{ file: "<file>" }`. */
export type ExtensionArgs = z.ZodObject | Readonly<Record<string, string>>;

type Given<Args> = Args extends z.ZodObject ? z.infer<Args> : { [Name in keyof Args]: string };
type Answered = string | ExtensionResult | Promise<string | ExtensionResult>;

/** A command of somebody else's: a plain object. */
export type ExtensionCommand = {
  /** What the model calls it: small letters, digits and underscores. */
  name: string;
  /** Stands before the name in the prompt; the name in words unless told. */
  label?: string;
  /** None unless told. Of a zod object, an argument's description is its placeholder; one without is not listed. */
  args?: ExtensionArgs;
  effect: ExtensionEffect;
  /** Other names that models use for this command. */
  synonyms?: readonly string[];
  /** A string is the text of a success; a thrown error is told to the model, and the run goes on. */
  run(args: never, context: ExtensionContext): Answered;
};

/** Types `run` by `args`; does nothing else, so that a plain object is as good. */
export const defineCommand = <const Args extends ExtensionArgs = Readonly<Record<never, string>>>(
  command: Omit<ExtensionCommand, "args" | "run"> & {
    args?: Args;
    run(args: Given<Args>, context: ExtensionContext): Answered;
  },
): ExtensionCommand => command as ExtensionCommand;
