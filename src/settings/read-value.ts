import { SettingsError } from "../errors.js";
import type { Source } from "./schema.js";
import type { Setting } from "./setting.js";

/** False for nothing, blanks, and the placeholders of `.env.template` (`your-…`). */
export const isSet = (value: string | undefined): value is string =>
  value !== undefined && value.trim() !== "" && !isPlaceholder(value);

/** Whether this is a placeholder of `.env.template`. */
export const isPlaceholder = (value: string | undefined): boolean => /^your-/i.test(value?.trim() ?? "");

/** Every name that a setting has in the environment: a secret may also be named by a file or a command that gives it. */
export const variableNames = ({
  environment = [],
  secret,
}: Pick<Setting<unknown>, "environment" | "secret">): string[] =>
  environment.flatMap((name) => (secret ? [name, `${name}_FILE`, `${name}_COMMAND`] : [name]));

/**
 * Checks one value. Throws SettingsError, which names where it came from and what was expected. It shows neither a secret
 * nor what may be an address with a user name or a password in it.
 */
export function readValue(setting: Setting<unknown>, raw: unknown, source: Source): unknown {
  const checked = setting.type.safeParse(raw);
  if (checked.success) return checked.data;
  const isHidden = setting.secret === true || setting.hidden === true || /:.*@/s.test(JSON.stringify(raw) ?? "");
  const shown = isHidden ? "has a value that cannot be used: it" : `is ${shorten(JSON.stringify(raw))}, but`;
  throw new SettingsError(`${source.text} ${shown} must be ${setting.type.description ?? "something else"}.`);
}

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
