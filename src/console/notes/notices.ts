import { escapeControls } from "../../base/escape.js";
import type { InstructionFile } from "../../history/events/guidance.js";
import type { RecordedExtension, ModelChoice, RunLimits } from "../../history/event-parts.js";
import { searchEngines, type EngineKeys } from "../../settings/declared/search.js";
import type { LoadedSettings } from "../../settings/load.js";
import { environmentName, schema, type SettingKey, type Settings, type Sources } from "../../settings/schema.js";
import type { Screen } from "../screen.js";
import { broughtAlong } from "../text/guidance.js";

/** Which modes a run has: what was asked for now, or what its journal says. */
export type Modes = {
  settings: Settings;
  continuous: boolean;
  limits: RunLimits;
  only: ModelChoice;
  /** The address that the settings or azure.yaml name, where Azure is asked. */
  azure?: { baseUrl: string } | null;
  extensions?: readonly RecordedExtension[];
  instructions?: readonly Pick<InstructionFile, "file" | "bytes">[];
  skills?: readonly { name: string }[];
  hooks?: readonly { event: string; line: string; required: boolean }[];
};

const broughtBy = ({ module, commands, checks }: RecordedExtension): string => {
  const brings = [
    ...(commands.length > 0 ? [`the commands ${commands.join(", ")}`] : []),
    ...(checks.length > 0 ? [`the checks ${checks.join(", ")}`] : []),
  ];
  return `Extension ${safe(module)}: ${brings.join("; ")}`;
};

/**
 * Says before the run begins which modes are on, what is dangerous about them, and where a key is sent that the user
 * may not expect.
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
    [
      settings.allowDownloads,
      "Native Downloading: ENABLED. Watch what is downloaded, and never open files that you are not sure of.",
    ],
  ];
  for (const [on, line] of modes) if (on) screen.note(line);
  for (const extension of asked.extensions ?? []) screen.note(broughtBy(extension));
  const hooks = asked.hooks?.map(({ line, ...hook }) => ({ ...hook, program: line }));
  for (const line of broughtAlong({ ...asked, hooks })) screen.note(line);
  if (continuous) {
    screen.note(
      `WARNING: Continuous mode runs every command without asking you, and may go on for a long time. ${limitsNote(limits)}`,
    );
  }
  if (settings.notifyUrl !== undefined && sources.notifyUrl.kind === "env-file")
    screen.note(
      `What this run ends as and asks is told to ${safe(new URL(settings.notifyUrl).host)}: NOTIFY_URL in the .env of this ` +
        "project says so. Stop here if you do not know it.",
    );
  const unexpected = unexpectedHosts(settings, sources).filter(({ key }) => !azure || key !== "OPENAI_API_KEY");
  if (azure) unexpected.push(...unexpectedAzure(settings, sources, azure.baseUrl));
  for (const { key, host, source } of unexpected) {
    screen.note(
      `The key in the environment (${key}) is sent to ${safe(host)}: ${source}. Stop here if you do not know it.`,
    );
  }
}

const limitFlags = "--max-cost, --max-tokens, --max-time or --continuous-limit";

function limitsNote({ byDefault, costUsd, steps }: RunLimits): string {
  if (!byDefault) return "Use it at your own risk.";
  const limit = costUsd === null ? `after ${steps} steps` : `when it has cost $${costUsd}`;
  return `You named no limit, so this run ends ${limit}; ${limitFlags} sets another. Use it at your own risk.`;
}

/** A key from the environment that goes to a host which only a file in the current folder names: a stranger may have written it. */
type Unexpected = { key: string; host: string; source: string };

/** Keys, and the addresses they are sent to. */
const keyed: readonly (readonly [key: SettingKey, address: SettingKey])[] = [
  ["openAiApiKey", "openAiBaseUrl"],
  // A proxy sees what is sent over http.
  ...(["httpProxy", "httpsProxy", "allProxy"] as const).map((proxy) => ["openAiApiKey", proxy] as const),
  ...Object.values<EngineKeys>(searchEngines).flatMap(({ key, address }) => (key ? [[key, address] as const] : [])),
  ["huggingFaceToken", "huggingFaceBaseUrl"],
  ["sdWebuiAuth", "sdWebuiUrl"],
];

function unexpectedHosts(settings: Settings, sources: Sources): Unexpected[] {
  return keyed.flatMap(([key, address]) => {
    const url = settings[address];
    if (settings[key] === undefined || sources[key].kind !== "environment") return [];
    if (sources[address].kind !== "env-file" || url === schema[address].default) return [];
    const source = `.env in this folder names that host in ${environmentName(address)}`;
    return typeof url === "string" ? [{ key: environmentName(key), host: new URL(url).host, source }] : [];
  });
}

/** Azure's address may stand in the environment, in `.env` or in azure.yaml. */
function unexpectedAzure(settings: Settings, sources: Sources, baseUrl: string): Unexpected[] {
  if (settings.openAiApiKey === undefined || sources.openAiApiKey.kind !== "environment") return [];
  const { host } = new URL(baseUrl);
  const { kind } = sources.azureApiBase;
  const key = "OPENAI_API_KEY";
  if (kind === "env-file")
    return [{ key, host, source: ".env in this folder names that host in OPENAI_AZURE_API_BASE" }];
  return kind === "default" ? [{ key, host, source: `${settings.azureConfigFile} names that host` }] : [];
}

const safe = (text: string): string => escapeControls(text, { newlines: "escape" });

/** Names the setting that was probably meant, and lines of `.env` that are read otherwise. */
export function announceSuspicious({ misspelt, warnings }: LoadedSettings, screen: Screen): void {
  for (const { name, setIn, nearest } of misspelt) {
    screen.note(`${safe(name)} (in ${setIn}) is not a setting. Did you mean ${nearest}?`);
  }
  for (const warning of warnings) screen.note(safe(warning));
}
