import { isMap } from "yaml";
import { SettingsError } from "../errors.js";
import type { Settings } from "./schema.js";
import { parseSettingsYaml } from "./ai/yaml.js";
import { readTextFile } from "./text-file.js";
import { isSet } from "./read-value.js";

/** Where Azure is asked. `version` is null at its v1 address; `token`: OPENAI_API_KEY is a token, not a key. */
export type Azure = {
  baseUrl: string;
  version: string | null;
  token: boolean;
  deployments: { smart: string; fast: string; embedding: string | undefined };
};

/** The names that the original and its later versions gave to the deployments. */
const mapNames = {
  smart: ["smart_llm_model_deployment_id", "smart_llm_deployment_id"],
  fast: ["fast_llm_model_deployment_id", "fast_llm_deployment_id"],
  embedding: ["embedding_model_deployment_id"],
} as const;

/** What the environment and azure.yaml say about Azure; null without USE_AZURE. Throws SettingsError for what is missing. */
export async function readAzure(settings: Settings): Promise<Azure | null> {
  if (!settings.useAzure) return null;
  const file = await readAzureFile(settings.azureConfigFile);
  const base = settings.azureApiBase ?? file.top("azure_api_base");
  if (base === undefined || !/^https?:\/\//i.test(base) || !URL.canParse(base)) {
    throw missing(settings, "the address of the resource", "OPENAI_AZURE_API_BASE", "azure_api_base");
  }
  const type = settings.azureApiType ?? file.top("azure_api_type");
  const deployment = (role: keyof typeof mapNames): string | undefined => {
    const own = role === "embedding" ? settings.azureEmbeddingsDeployment : settings.azureChatDeployment;
    return own ?? file.deployment(mapNames[role]) ?? (role === "embedding" ? undefined : settings.azureDeployment);
  };
  const smart = deployment("smart");
  const fast = deployment("fast");
  const embedding = deployment("embedding");
  const chat = smart ?? fast;
  if (chat === undefined) {
    throw missing(settings, "a deployment that chats", "OPENAI_AZURE_CHAT_DEPLOYMENT_ID", mapNames.smart[0]);
  }
  const { address, version } = withoutQuery(base);
  return {
    ...addressOf(address, settings.azureApiVersion ?? file.top("azure_api_version") ?? version),
    token: /^azure_?ad$/i.test(type ?? ""),
    deployments: { smart: smart ?? chat, fast: fast ?? chat, embedding },
  };
}

/** The portal shows addresses with the version behind "?"; nothing else is understood there. */
function withoutQuery(base: string): { address: string; version: string | undefined } {
  const { host, origin, pathname, hash, username, password, searchParams } = new URL(base);
  const others = [...searchParams.keys()].filter((name) => name !== "api-version");
  if (others.length > 0 || hash + username + password !== "") {
    throw new SettingsError(
      `The address of the Azure resource (${host}) has a user name, a password or something else behind "?" or "#" in ` +
        "it, which would not be sent. Give it without, and the key in OPENAI_API_KEY.",
    );
  }
  return { address: origin + pathname, version: searchParams.get("api-version") ?? undefined };
}

/** Dated versions have their own address for each deployment; newer ones are asked at /openai/v1, without a version. */
function addressOf(base: string, version: string | undefined): Pick<Azure, "baseUrl" | "version"> {
  const resource = base.replace(/\/+$/, "").replace(/\/openai(?:\/v1|\/deployments(?:\/.*)?)?$/i, "");
  const isDated = version !== undefined && /^\d{4}-\d{2}-\d{2}/.test(version);
  if (isDated && !/\/openai\/v1\/*$/i.test(base)) return { baseUrl: `${resource}/openai`, version };
  return { baseUrl: `${resource}/openai/v1`, version: null };
}

async function readAzureFile(path: string) {
  const text = (await readTextFile(path)) ?? "";
  const { document } = parseSettingsYaml(text, path, { schema: "failsafe" });
  const top = isMap(document.contents) ? document.contents : undefined;
  const map = top?.get("azure_model_map");
  const textOf = (value: unknown): string | undefined =>
    typeof value === "string" && isSet(value) ? value.trim() : undefined;
  return {
    top: (name: string) => textOf(top?.get(name)),
    deployment: (names: readonly string[]) =>
      isMap(map) ? names.map((name) => textOf(map.get(name))).find((found) => found !== undefined) : undefined,
  };
}

const missing = ({ azureConfigFile }: Settings, what: string, variable: string, entry: string): SettingsError =>
  new SettingsError(
    `USE_AZURE is set, but ${what} is not: set ${variable} in the environment or .env, or ${entry} in ${azureConfigFile}.`,
  );
