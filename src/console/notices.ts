import type { Settings } from "../settings/schema.js";
import type { Screen } from "./screen.js";

/** Which modes a run has: what was asked for now, or what its journal says. */
export type Modes = {
  settings: Settings;
  continuous: boolean;
  limits: { steps: number | null };
  only: "fast" | "smart" | null;
};

/** Says which modes are on, and what is dangerous about them, before the run begins. */
export function announce({ settings, continuous, limits, only }: Modes, screen: Screen): void {
  const modes: [on: boolean, line: string][] = [
    [settings.debug, "Debug Mode: ENABLED"],
    [continuous, "Continuous Mode: ENABLED"],
    [limits.steps !== null, `Continuous Limit: ${limits.steps}`],
    [settings.speak, "Speak Mode: this version has no voice yet; nothing is read aloud."],
    [only === "fast", `The fast model answers everything: ${settings.fastModel}`],
    [only === "smart", `The smart model answers everything: ${settings.smartModel}`],
    [settings.allowDownloads, "Native Downloading: this version has no download command yet."],
  ];
  for (const [on, line] of modes) if (on) screen.note(line);
  if (continuous) {
    screen.note(
      "WARNING: Continuous mode runs every command without asking you, and may go on for a long time. " +
        "Set limits with --max-cost, --max-time or --continuous-limit, and use it at your own risk.",
    );
  }
}
