import { nearestName } from "../base/names/edit-distance.js";
import { SettingsError } from "../errors.js";
import { refuseContradictions } from "./flags.js";
import { readValue } from "./read-value.js";
import { declaredSettings, type SettingKey, type Settings } from "./schema.js";

/** Settings of the command line alone: a program that calls the API says these in another way, or has no use for them. */
const ofCommandLine = [
  "aiName",
  "aiRole",
  "aiGoals",
  "debug",
  "outputFormat",
  "profile",
  "resume",
  "skipNews",
  "skipReprompt",
] as const satisfies readonly SettingKey[];

type Given<Value> = Value extends string | number | boolean | readonly string[] | undefined ? Value : string;

/** Settings as a program gives them. A text may be what `.env` would have: `maxTime: "5m"` is the same as `maxTime: 300`. */
export type GivenSettings = {
  [Key in Exclude<SettingKey, (typeof ofCommandLine)[number]>]?: Given<Settings[Key]> | string | undefined;
};

/**
 * Checks settings that a program gives, by their keys; `resume` is the run to go on with. Throws SettingsError, which
 * names the key and what was expected.
 */
export function settingsFromValues(
  given: Readonly<Record<string, unknown>>,
  resume?: true | string,
): Partial<Settings> {
  const declared = new Map(declaredSettings());
  for (const key of ofCommandLine) declared.delete(key);
  const read = Object.entries(given).flatMap(([key, value]) => {
    const setting = declared.get(key as SettingKey);
    if (setting === undefined) throw unknownSetting(key, [...declared.keys()]);
    if (value === undefined) return [];
    return [[key, readValue(setting, asText(value), { kind: "flag", text: `settings.${key}` })] as const];
  });
  const settings: Partial<Settings> = { ...Object.fromEntries<unknown>(read), ...(resume !== undefined && { resume }) };
  refuseContradictions(settings);
  return settings;
}

function unknownSetting(key: string, known: readonly string[]): SettingsError {
  const nearest = nearestName(key, known);
  const meant = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
  return new SettingsError(`settings.${key} is no setting that a program can give.${meant}`);
}

/** Numbers and lists as the user would have written them. */
function asText(value: unknown): unknown {
  if (typeof value === "number" && Number.isFinite(value)) return decimal(value);
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(",");
  return value;
}

/** Without an exponent. */
const decimal = (value: number): string => {
  const text = String(value);
  return text.includes("e-") ? value.toFixed(20).replace(/0+$/, "") : text;
};
