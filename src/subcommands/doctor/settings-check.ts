import { allChecks } from "../../goals/index.js";
import { readAiSettings } from "../../settings/ai/ai-settings.js";
import { declaredSettings } from "../../settings/schema.js";
import type { DoctorCheck } from "./check.js";

/** The settings, where they come from, names that are nearly those of a setting, and the AI's own file. */
export const settingsCheck: DoctorCheck = {
  id: "settings",
  async look({ loaded, settings }) {
    const given = declaredSettings().flatMap(([key, { environment }]) => {
      const { kind } = loaded.sources[key];
      return kind === "default" || !environment
        ? []
        : [`${environment[0]} (${loaded.sources[key].text.replace(/^\S+ in /, "").replace(/,$/, "")})`];
    });
    const ai = await readAiSettings(settings.aiSettingsFile, allChecks);
    const goals = ai ? `${ai.aiName} with ${ai.goals.length} goals` : `no ${settings.aiSettingsFile} yet`;
    const found = `${given.length === 0 ? "all at their defaults" : given.join(", ")}; ${goals}`;
    const warnings = [...loaded.warnings, ...(ai?.notes ?? [])];
    if (loaded.misspelt.length + warnings.length === 0) return { state: "ok", found };
    const [first] = loaded.misspelt;
    const names = loaded.misspelt.map(
      ({ name, setIn, nearest }) => `${name} (${setIn}) is not a setting: did you mean ${nearest}?`,
    );
    return {
      state: "warn",
      found: [found, ...names, ...warnings].join("; "),
      advice: first ? `Rename ${first.name} to ${first.nearest}.` : "Correct the line that is named.",
    };
  },
};
