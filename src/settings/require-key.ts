import { isOpenAi } from "../base/address.js";
import { commandLine } from "../base/process/command-line.js";
import { SettingsError } from "../errors.js";
import type { Settings, Sources } from "./schema.js";

type Given = Pick<Settings, "openAiApiKey" | "openAiBaseUrl"> & Partial<Pick<Settings, "useAzure">>;

/** Whether OpenAI or Azure would be asked without a key. Another server may do without one. */
export const lacksKey = ({ openAiApiKey, openAiBaseUrl, useAzure = false }: Given): boolean =>
  openAiApiKey === undefined && (useAzure || isOpenAi(openAiBaseUrl));

/** Throws SettingsError where a key is lacking, which says how to set one, and what can be done without. */
export function requireKey(settings: Given, sources?: Pick<Sources, "openAiApiKey">): void {
  if (!lacksKey(settings)) return;
  const place = /; (.*) has the placeholder still$/.exec(sources?.openAiApiKey.text ?? "")?.[1];
  const still = place === undefined ? "" : ` (${place} still has the placeholder)`;
  if (settings.useAzure) {
    throw new SettingsError(
      `OPENAI_API_KEY is not set${still}: with USE_AZURE it is the key of your Azure resource (portal, Keys and Endpoint).`,
    );
  }
  throw new SettingsError(
    `OPENAI_API_KEY is not set${still}. "${commandLine("init")}" asks for a key (https://platform.openai.com/account/api-keys) ` +
      "or for a local server such as Ollama or LM Studio, which needs none, and writes .env; or set OPENAI_API_KEY, or " +
      `OPENAI_API_BASE_URL and SMART_LLM_MODEL, there or in the environment. "${commandLine("demo")}" shows the program without either.`,
  );
}
