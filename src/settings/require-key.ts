import { SettingsError } from "../errors.js";
import type { Settings } from "./schema.js";
import { isOpenAi } from "../base/address.js";

type Given = Pick<Settings, "openAiApiKey" | "openAiBaseUrl"> & Partial<Pick<Settings, "useAzure">>;

/** Throws SettingsError where OpenAI or Azure would be asked without a key. Another server may do without one. */
export function requireKey({ openAiApiKey, openAiBaseUrl, useAzure }: Given): void {
  if (openAiApiKey !== undefined) return;
  if (useAzure) {
    throw new SettingsError(
      "OPENAI_API_KEY is not set: with USE_AZURE it is the key of your Azure resource (portal, Keys and Endpoint).",
    );
  }
  if (!isOpenAi(openAiBaseUrl)) return;
  throw new SettingsError(
    "OPENAI_API_KEY is not set. Get a key at https://platform.openai.com/account/api-keys, " +
      "copy .env.template to .env, and set OPENAI_API_KEY there (or in the environment).",
  );
}
