import { schema, type Settings, type Sources } from "../settings/schema.js";
import { escapeControls } from "./escape.js";
import type { Screen } from "./screen.js";

/** Which modes a run has: what was asked for now, or what its journal says. */
export type Modes = {
  settings: Settings;
  continuous: boolean;
  limits: { steps: number | null };
  only: "fast" | "smart" | null;
};

/**
 * Says which modes are on, and what is dangerous about them, and where the key goes if that is unexpected, before
 * the run begins.
 */
export function announce({ settings, continuous, limits, only }: Modes, sources: Sources, screen: Screen): void {
  const modes: [on: boolean, line: string][] = [
    [settings.debug, "Debug Mode: ENABLED"],
    [continuous, "Continuous Mode: ENABLED"],
    [limits.steps !== null, `Continuous Limit: ${limits.steps}`],
    [settings.speak, "Speak Mode: this version has no voice yet; nothing is read aloud."],
    [only === "fast", `The fast model answers everything: ${safe(settings.fastModel)}`],
    [only === "smart", `The smart model answers everything: ${safe(settings.smartModel)}`],
    [
      settings.allowDownloads,
      "Native Downloading: ENABLED. Watch what is downloaded, and never open files that you are not sure of.",
    ],
    [settings.executeLocalCommands, "EXECUTE_LOCAL_COMMANDS: this version has no shell command yet."],
  ];
  for (const [on, line] of modes) if (on) screen.note(line);
  if (continuous) {
    screen.note(
      "WARNING: Continuous mode runs every command without asking you, and may go on for a long time. " +
        "Set limits with --max-cost, --max-time or --continuous-limit, and use it at your own risk.",
    );
  }
  const host = unexpectedHost(settings, sources);
  if (host !== null) {
    screen.note(
      `The key in the environment (OPENAI_API_KEY) is sent to ${safe(host)}: .env in this folder names that host in ` +
        "OPENAI_API_BASE_URL. Stop here if you do not know it.",
    );
  }
}

/** The host that a file of the folder, which may come from a stranger, has the user's own key sent to. */
function unexpectedHost({ openAiApiKey, openAiBaseUrl }: Settings, sources: Sources): string | null {
  if (openAiApiKey === undefined || sources.openAiApiKey.kind !== "environment") return null;
  if (sources.openAiBaseUrl.kind !== "env-file" || openAiBaseUrl === schema.openAiBaseUrl.default) return null;
  return new URL(openAiBaseUrl).host;
}

const safe = (text: string): string => escapeControls(text, { newlines: "escape" });
