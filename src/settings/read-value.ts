import { SettingsError } from "../errors.js";
import type { Source } from "./schema.js";
import type { Setting } from "./setting.js";

/** False for nothing, blanks, and the placeholders of `.env.template` (`your-…`). */
export const isSet = (value: string | undefined): value is string =>
  value !== undefined && value.trim() !== "" && !/^your-/i.test(value.trim());

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
