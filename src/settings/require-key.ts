import { SettingsError } from "../errors.js";
import type { Settings } from "./schema.js";

/** Throws SettingsError where OpenAI would be asked without a key. Another server may do without one. */
export function requireKey({ openAiApiKey, openAiBaseUrl }: Pick<Settings, "openAiApiKey" | "openAiBaseUrl">): void {
  if (openAiApiKey !== undefined || !isOpenAi(openAiBaseUrl)) return;
  throw new SettingsError(
    "OPENAI_API_KEY is not set. Get a key at https://platform.openai.com/account/api-keys, " +
      "copy .env.template to .env, and set OPENAI_API_KEY there (or in the environment).",
  );
}

const isOpenAi = (baseUrl: string): boolean => /(^|\.)openai\.com$/i.test(new URL(baseUrl).hostname);
