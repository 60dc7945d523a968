import type { ModelChoice, RunLimits } from "../history/event-parts.js";
import { join } from "node:path";
import { messageOf, SettingsError } from "../errors.js";
import { remembers } from "../memory/backends.js";
import { mayAskServer } from "../memory/embedding/providers.js";
import { parseCatalogExtra } from "../model/catalog/own-models.js";
import { createCatalog, type Catalog } from "../model/catalog/catalog.js";
import type { ModelEntry } from "../model/catalog/model-entry.js";
import type { Pace } from "../model/http/pace.js";
import { createModelServer, serverAddress, type ModelServer } from "../model/http/server.js";
import { openServerCapabilities } from "../model/openai/learned/capability-file.js";
import { readAzure } from "../settings/azure.js";
import { proxiesOf } from "../settings/proxies.js";
import { schema, type Settings } from "../settings/schema.js";
import { readTextFile } from "../settings/text-file.js";

export type Role = "smart" | "fast" | "embedding";

/** A model that the settings name: what is known of it, and the setting that chose it. */
export type NamedModel = {
  entry: ModelEntry;
  setting: string;
  /** The name under which Azure knows it, where that is another one. */
  deployment: string | undefined;
  /** The name that is sent. */
  sent: string;
  /** The run can do without it where the server does not have it. */
  optional: boolean;
  /** The program's own choices for this role, best first. */
  standIns: readonly string[];
};

export type OpenServer = { server: ModelServer; catalog: Catalog; model(role: Role): NamedModel };

const settingOf: Record<Role, string> = {
  smart: "SMART_LLM_MODEL",
  fast: "FAST_LLM_MODEL",
  embedding: "EMBEDDING_MODEL",
};

const usualModels = {
  smart: ["smartModel", "fastModel"],
  fast: ["fastModel", "smartModel"],
  embedding: ["embeddingModel"],
} as const;

type MemorySettings = Pick<Settings, "memoryBackend" | "embeddingProvider">;

/** Whether a run may ask the server to embed. */
export const asksEmbeddings = ({ memoryBackend, embeddingProvider }: MemorySettings): boolean =>
  remembers(memoryBackend) && mayAskServer(embeddingProvider);

/** The models that a run asks at the server. */
export const rolesOf = (settings: MemorySettings, only: ModelChoice = null): readonly Role[] => [
  ...(only === null ? (["smart", "fast"] as const) : [only]),
  ...(asksEmbeddings(settings) ? (["embedding"] as const) : []),
];

/**
 * Whether a limit in dollars can be kept for all that a run asks its models, and ends it: their prices are known, and
 * the model that thinks is not free. Throws SettingsError where MODEL_CATALOG cannot be read.
 */
export async function costEndsRuns(settings: Settings, only: ModelChoice): Promise<boolean> {
  const catalog = await openCatalog(settings.modelCatalog);
  const { smartModel, fastModel, embeddingModel, imageModel, imageProvider, openAiApiKey } = settings;
  const names = { smart: smartModel, fast: fastModel, embedding: embeddingModel };
  const makesImages = openAiApiKey !== undefined && (imageProvider === "dalle" || imageProvider === "openai");
  const asked = [...rolesOf(settings, only).map((role) => names[role]), ...(makesImages ? [imageModel] : [])];
  const thinks = catalog.get(names[only ?? "smart"]).prices;
  return asked.every((name) => catalog.get(name).prices) && thinks !== undefined && thinks.input + thinks.output > 0;
}

/** What a run that nobody watches may use where nobody named a limit: dollars, or steps where dollars would not end it. */
const usualCostUsd = 3;
const usualSteps = 500;

/** What it depends on. `used`: what the run's earlier part has used, which is left out of account. */
export type Limited = {
  settings: Settings;
  memoryBackend: Settings["memoryBackend"];
  only: ModelChoice;
  used?: { steps: number; costUsd: number };
};

/** The limit of a run for which nobody named one. Throws SettingsError where MODEL_CATALOG cannot be read. */
export async function limitByDefault({
  settings,
  memoryBackend,
  only,
  used = { steps: 0, costUsd: 0 },
}: Limited): Promise<RunLimits> {
  const none = { steps: null, costUsd: null, tokens: null, seconds: null, byDefault: true as const };
  return (await costEndsRuns({ ...settings, memoryBackend }, only))
    ? { ...none, costUsd: inCents(used.costUsd + usualCostUsd) }
    : { ...none, steps: used.steps + usualSteps };
}

const inCents = (dollars: number): number => Math.ceil(dollars * 100 - 1e-6) / 100;

/**
 * The server that the settings name, with what earlier runs found out about it; `pace` keeps several runs within its limits. Connects
 * nothing. Throws SettingsError.
 */
export async function openServer(
  settings: Settings,
  timeoutMs = settings.openAiTimeout * 1000,
  pace?: Pace,
): Promise<OpenServer> {
  const azure = await readAzure(settings);
  const baseUrl = azure?.baseUrl ?? settings.openAiBaseUrl;
  const address = serverAddress(baseUrl);
  const catalog = await openCatalog(settings.modelCatalog);
  const server = createModelServer({
    baseUrl,
    apiKey: settings.openAiApiKey,
    organization: azure ? undefined : settings.openAiOrganization,
    timeoutMs,
    pace,
    azure: azure ? { version: azure.version, token: azure.token } : undefined,
    capabilities: openServerCapabilities(join(settings.home, "servers.json"), address),
    proxies: proxiesOf(settings),
  });
  return {
    server,
    catalog,
    model(role) {
      const names = { smart: settings.smartModel, fast: settings.fastModel, embedding: settings.embeddingModel };
      const entry = catalog.get(names[role]);
      const deployment = azure?.deployments[role];
      const optional = role === "embedding" && settings.embeddingProvider === "auto";
      const standIns = usualModels[role].map((key) => schema[key].default);
      return { entry, setting: settingOf[role], deployment, sent: deployment ?? entry.name, optional, standIns };
    },
  };
}

async function openCatalog(file: string | undefined): Promise<Catalog> {
  if (file === undefined) return createCatalog();
  // A CommonJS package has no other export than this one when it is loaded late from the bundle.
  const { default: yaml } = await import("yaml");
  const read = async (): Promise<unknown> => {
    try {
      const text = await readTextFile(file);
      if (text === null) throw new Error("there is no such file");
      return yaml.parse(text) as unknown;
    } catch (thrown) {
      throw new SettingsError(`MODEL_CATALOG: ${file} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    }
  };
  return createCatalog(parseCatalogExtra(await read(), file));
}
