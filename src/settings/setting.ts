import type * as z from "zod";

/** How a setting is spelled on the command line. Without `argument` it is a switch; `[NAME]` may be left out. */
export type Flag = { long: string; short?: string; argument?: string; repeated?: true };

/** One setting, declared once: flags, `--help`, `.env.template` and the type `Settings` are made from it. */
export type Declaration<Value> = {
  /** Heading in `--help` and `.env.template`. */
  group: string;
  /** One line for the user. */
  help: string;
  /** Text as the user wrote it → value. Its description completes the sentence "… must be". */
  type: z.ZodType<Value>;
  /** Names in the environment and `.env`, the one to be shown first. */
  environment?: readonly string[];
  flag?: Flag;
  /** The value is masked wherever it would appear, and no message shows it. */
  secret?: true;
  /** No message shows the value, a part of which may be secret. */
  hidden?: true;
  /** Other programs use a variable of this name as well: in the environment, only values that fit count for this one. */
  shared?: RegExp;
  /** Stands in `.env.template` and counts as not set. */
  placeholder?: string;
  /** Stands in `.env.template` behind a comment sign, where there is neither default nor placeholder. */
  example?: string;
  /** A file or folder: `~` is expanded, a relative one starts at the current folder. */
  path?: true;
  /** Where it is not set, files or folders of these names are also looked for in the project's folders above. */
  above?: readonly string[];
};

export type Setting<Value> = Declaration<unknown> & { default: Value };

/** The name under which a setting is shown: its first in the environment, else its flag, else its key. */
export const nameOf = (key: string, { environment, flag }: Pick<Setting<unknown>, "environment" | "flag">): string =>
  environment?.[0] ?? flag?.long ?? key;

/** Declares one setting; without a default its value may be undefined. */
export function setting<Value>(declaration: Declaration<Value> & { default: NoInfer<Value> }): Setting<Value>;
export function setting<Value>(declaration: Declaration<Value>): Setting<Value | undefined>;
export function setting(declaration: Declaration<unknown> & { default?: unknown }): Setting<unknown> {
  return { ...declaration, default: declaration.default };
}
