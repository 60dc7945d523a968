import { optionName } from "./flags.js";
import { declaredSettings, type SettingKey } from "./schema.js";

/** The flags among parsed options (`program.opts()`) as they would be typed, without those of these settings. */
export const flagsGiven = (options: Readonly<Record<string, unknown>>, without: ReadonlySet<SettingKey>): string[] =>
  declaredSettings().flatMap(([key, { flag }]) => {
    const given = flag && !without.has(key) ? options[optionName(flag)] : undefined;
    if (flag === undefined || given === undefined || given === false) return [];
    if (given === true) return [flag.long];
    const values: unknown[] = Array.isArray(given) ? given : [given];
    return values.map((value) => `${flag.long}=${String(value)}`);
  });
