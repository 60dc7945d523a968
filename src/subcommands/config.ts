import { createMask } from "../base/mask.js";
import type { LoadedSettings } from "../settings/load.js";
import { declaredSettings, type Source } from "../settings/schema.js";
import { nameOf } from "../settings/setting.js";

/** `autogpt config show`: each setting by its name in the environment, else its flag; the values of keys are hidden. */
export function showConfig(
  { settings, sources, secrets }: LoadedSettings,
  options: { origin: boolean; json: boolean },
): string {
  const masked = createMask(secrets);
  const rows = declaredSettings().map(([key, setting]) => {
    const { secret, hidden } = setting;
    const value: unknown = settings[key];
    return {
      name: nameOf(key, setting),
      // A secret that a file or a command gives is not fetched to be hidden.
      value: isUnset(value, sources[key].kind)
        ? null
        : secret || hidden || mayHoldPassword(value)
          ? "(set)"
          : masked(value),
      origin: sources[key].text.replace(/,$/, ""),
    };
  });
  if (options.json) {
    const entries = rows.map(({ name, value, origin }) => [name, options.origin ? { value, origin } : value]);
    return JSON.stringify(Object.fromEntries(entries), null, 2);
  }
  return rows
    .map(({ name, value, origin }) => `${name} = ${shown(value)}${options.origin ? `  (${origin})` : ""}`)
    .join("\n");
}

const isUnset = (value: unknown, kind: Source["kind"]): boolean => value === undefined && kind === "default";

/** An address with a user name and a password in it. */
const mayHoldPassword = (value: unknown): boolean => typeof value === "string" && /:.*@/s.test(value);

const shown = (value: unknown): string =>
  typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
