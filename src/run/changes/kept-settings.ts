import { isDeepStrictEqual } from "node:util";
import type { LoadedSettings } from "../../settings/load.js";
import { environmentName, type Settings } from "../../settings/schema.js";

/** Settings that say what a run is, besides its AI: a run that goes on keeps to them until the user says otherwise. */
const keptKeys = ["smartModel", "fastModel", "taint", "snapshots"] as const;

/** These settings by their names in the environment, as the journal has them. */
export const keptSettings = (settings: Settings): Record<string, unknown> =>
  Object.fromEntries(keptKeys.map((key) => [environmentName(key), settings[key]]));

/** Which of them are others now: in words, where no flag said so, and the settings as the run had them. */
export type SettingDifferences = { lines: string[]; isDifferent: boolean; asBefore: Settings };

/** Compares them with those of a run's journal; a journal without them says nothing. */
export function differentSettings(
  recorded: Readonly<Record<string, unknown>> | undefined,
  { settings, sources }: Pick<LoadedSettings, "settings" | "sources">,
): SettingDifferences {
  const lines: string[] = [];
  let isDifferent = false;
  const asBefore: Record<string, unknown> = { ...settings };
  for (const key of keptKeys) {
    const before = recorded?.[environmentName(key)];
    if (before === undefined || typeof before !== typeof settings[key] || isDeepStrictEqual(before, settings[key]))
      continue;
    isDifferent = true;
    // --model names the fast one as well, where there is no other.
    const isGiven = sources[key].kind === "flag" || (key === "fastModel" && sources.smartModel.kind === "flag");
    if (isGiven) continue;
    asBefore[key] = before;
    lines.push(`${environmentName(key)} is now ${JSON.stringify(settings[key])}; it was ${JSON.stringify(before)}`);
  }
  return { lines, isDifferent, asBefore: asBefore as Settings };
}
