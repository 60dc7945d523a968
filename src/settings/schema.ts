import { imageSettings } from "./declared/images.js";
import { memoryServiceSettings, memorySettings } from "./declared/memory.js";
import { azureSettings } from "./declared/azure.js";
import { codeSettings } from "./declared/code.js";
import { modelSettings } from "./declared/model.js";
import { fleetSettings } from "./declared/fleet.js";
import { folderSettings } from "./declared/folders.js";
import { notifySettings } from "./declared/notify.js";
import { runSettings } from "./declared/run.js";
import { searchSettings } from "./declared/search.js";
import type { Setting } from "./setting.js";
import { speechSettings } from "./declared/speech.js";
import { webSettings } from "./declared/web.js";

/** Every setting there is: flags, `--help`, `.env.template` and the type `Settings` come from here alone. */
export const schema = {
  ...runSettings,
  ...modelSettings,
  ...azureSettings,
  ...memorySettings,
  ...folderSettings,
  ...memoryServiceSettings,
  ...webSettings,
  ...searchSettings,
  ...imageSettings,
  ...codeSettings,
  ...speechSettings,
  ...notifySettings,
  ...fleetSettings,
};

export type SettingKey = keyof typeof schema;

/**
 * What the user asked for, read once and passed down. Undefined: not set, and there is no default.
 * `maxTime` and `openAiTimeout` are seconds, `maxCost` is US dollars; paths are absolute.
 */
export type Settings = { [Key in SettingKey]: (typeof schema)[Key]["default"] };

/** A setting's name in the environment, the one to be shown. */
export const environmentName = (key: SettingKey): string => (schema[key] as Setting<unknown>).environment?.[0] ?? key;

/** The declarations as a list, in the order of the template. */
export const declaredSettings = (): [SettingKey, Setting<unknown>][] =>
  Object.entries(schema) as [SettingKey, Setting<unknown>][];

/** Where each setting was read from; `text` is the beginning of a sentence about its value. */
export type Source = {
  kind: "flag" | "profile" | "environment" | "env-file" | "user-file" | "ai-settings" | "default";
  text: string;
};
export type Sources = Record<SettingKey, Source>;
