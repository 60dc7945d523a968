import type { LoadedSettings } from "../settings/load.js";
import { schema, type Settings, type Sources } from "../settings/schema.js";
import { escapeControls } from "./escape.js";
import type { Screen } from "./screen.js";

/** Which modes a run has: what was asked for now, or what its journal says. */
export type Modes = {
  settings: Settings;
  continuous: boolean;
  limits: { steps: number | null };
  only: "fast" | "smart" | null;
  /** The address that the settings or azure.yaml name, where Azure is asked. */
  azure?: { baseUrl: string } | null;
};

/**
 * Says which modes are on, and what is dangerous about them, and where the key goes if that is unexpected, before
 * the run begins.
 */
export function announce(asked: Modes, sources: Sources, screen: Screen): void {
  const { settings, continuous, limits, only, azure } = asked;
  const modes: [on: boolean, line: string][] = [
    [settings.debug, "Debug Mode: ENABLED"],
    [continuous, "Continuous Mode: ENABLED"],
    [limits.steps !== null, `Continuous Limit: ${limits.steps}`],
    [settings.speak, "Speak Mode: ENABLED"],
    [only === "fast", `The fast model answers everything: ${safe(settings.fastModel)}`],
    [only === "smart", `The smart model answers everything: ${safe(settings.smartModel)}`],
    [settings.allowDownloads, "Native Downloading: this version has no download command yet."],
  ];
  for (const [on, line] of modes) if (on) screen.note(line);
  if (continuous) {
    screen.note(
      "WARNING: Continuous mode runs every command without asking you, and may go on for a long time. " +
        "Set limits with --max-cost, --max-time or --continuous-limit, and use it at your own risk.",
    );
  }
  const unexpected = azure ? unexpectedAzure(settings, sources, azure.baseUrl) : unexpectedHost(settings, sources);
  if (unexpected === null) return;
  screen.note(
    `The key in the environment (OPENAI_API_KEY) is sent to ${safe(unexpected.host)}: ${unexpected.place}. ` +
      "Stop here if you do not know it.",
  );
}

/** A host that a file of the folder, which may come from a stranger, has the user's own key sent to. */
type Unexpected = { host: string; place: string };

function unexpectedHost({ openAiApiKey, openAiBaseUrl }: Settings, sources: Sources): Unexpected | null {
  if (openAiApiKey === undefined || sources.openAiApiKey.kind !== "environment") return null;
  if (sources.openAiBaseUrl.kind !== "env-file" || openAiBaseUrl === schema.openAiBaseUrl.default) return null;
  return { host: new URL(openAiBaseUrl).host, place: ".env in this folder names that host in OPENAI_API_BASE_URL" };
}

/** Azure's address may stand in the environment, in `.env` or in azure.yaml. */
function unexpectedAzure(settings: Settings, sources: Sources, baseUrl: string): Unexpected | null {
  if (settings.openAiApiKey === undefined || sources.openAiApiKey.kind !== "environment") return null;
  const { host } = new URL(baseUrl);
  const { kind } = sources.azureApiBase;
  if (kind === "env-file") return { host, place: ".env in this folder names that host in OPENAI_AZURE_API_BASE" };
  return kind === "default" ? { host, place: `${settings.azureConfigFile} names that host` } : null;
}

const safe = (text: string): string => escapeControls(text, { newlines: "escape" });
/** Names the setting that was probably meant. */
export function announceMisspelt({ misspelt }: LoadedSettings, screen: Screen): void {
  for (const { name, place, nearest } of misspelt) {
    screen.note(
      `${escapeControls(name, { newlines: "escape" })} (in ${place}) is no setting. Did you mean ${nearest}?`,
    );
  }
}
