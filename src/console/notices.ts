import { schema, type SettingKey, type Settings, type Sources } from "../settings/schema.js";
import type { Setting } from "../settings/setting.js";
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
  for (const { key, address, host } of unexpectedHosts(settings, sources)) {
    screen.note(
      `The key in the environment (${key}) is sent to ${safe(host)}: .env in this folder names that host in ` +
        `${address}. Stop here if you do not know it.`,
    );
  }
}

/** Keys, and the addresses they are sent to. */
const keyed: readonly (readonly [key: SettingKey, address: SettingKey])[] = [
  ["openAiApiKey", "openAiBaseUrl"],
  ["googleApiKey", "googleBaseUrl"],
  ["braveApiKey", "braveBaseUrl"],
  ["tavilyApiKey", "tavilyBaseUrl"],
  ["huggingFaceToken", "huggingFaceBaseUrl"],
  ["sdWebuiAuth", "sdWebuiUrl"],
];

/** The hosts that a file of the folder, which may come from a stranger, has the user's own keys sent to. */
function unexpectedHosts(settings: Settings, sources: Sources) {
  return keyed.flatMap(([key, address]) => {
    const url = settings[address];
    if (settings[key] === undefined || sources[key].kind !== "environment") return [];
    if (sources[address].kind !== "env-file" || url === schema[address].default) return [];
    return typeof url === "string" ? [{ key: nameOf(key), address: nameOf(address), host: new URL(url).host }] : [];
  });
}

const nameOf = (key: SettingKey): string => (schema[key] as Setting<unknown>).environment?.[0] ?? key;

const safe = (text: string): string => escapeControls(text, { newlines: "escape" });
