import type { LoadedSettings } from "../settings/load.js";
import type { Settings } from "../settings/schema.js";
import { escapeControls } from "./escape.js";
import type { Screen } from "./screen.js";

/** Says which modes are on, and what is dangerous about them, before the run begins. */
export function announce(settings: Settings, screen: Screen): void {
  const modes: [on: boolean, line: string][] = [
    [settings.debug, "Debug Mode: ENABLED"],
    [settings.continuous, "Continuous Mode: ENABLED"],
    [settings.continuousLimit !== undefined, `Continuous Limit: ${settings.continuousLimit}`],
    [settings.speak, "Speak Mode: ENABLED"],
    [settings.gpt3only, `The fast model answers everything: ${settings.fastModel}`],
    [settings.gpt4only, `The smart model answers everything: ${settings.smartModel}`],
    [settings.allowDownloads, "Native Downloading: this version has no download command yet."],
  ];
  for (const [on, line] of modes) if (on) screen.note(line);
  if (settings.continuous) {
    screen.note(
      "WARNING: Continuous mode runs every command without asking you, and may go on for a long time. " +
        "Set limits with --max-cost, --max-time or --continuous-limit, and use it at your own risk.",
    );
  }
}

/** Names the setting that was probably meant. */
export function announceMisspelt({ misspelt }: LoadedSettings, screen: Screen): void {
  for (const { name, place, nearest } of misspelt) {
    screen.note(
      `${escapeControls(name, { newlines: "escape" })} (in ${place}) is no setting. Did you mean ${nearest}?`,
    );
  }
}
