import { spelled } from "../../settings/flags.js";
import { declaredSettings, type SettingKey } from "../../settings/schema.js";
import { nameOf, type Setting } from "../../settings/setting.js";
import { jsonSchemaOf, type JsonSchema } from "./json-schema.js";

/**
 * The JSON Schema of what `autogpt config show --json` prints: each setting by its name in the environment, or by its flag
 * where it has none. It holds defaults and no value of this machine.
 */
export const settingsSchema = (): JsonSchema => ({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Settings of autogpt",
  description:
    "Each setting by its name in the environment and .env, or by its flag where it has no such name. A value is of its " +
    "own type here; in the environment it is written as text.",
  type: "object",
  properties: Object.fromEntries(
    declaredSettings().map(([key, setting]) => [nameOf(key, setting), settingSchema(key, setting)]),
  ),
});

function settingSchema(key: SettingKey, setting: Setting<unknown>): JsonSchema {
  const { help, group, type, environment, flag, secret, hidden, default: usual } = setting;
  return {
    ...valueSchema(setting),
    title: help,
    description: `${help}. It must be ${type.description ?? "text"}.`,
    ...(usual === undefined ? {} : { default: usual }),
    ...(secret || hidden ? { writeOnly: true } : {}),
    "x-group": group,
    "x-setting": key,
    ...(environment === undefined ? {} : { "x-environment": environment }),
    ...(flag === undefined ? {} : { "x-flag": spelled(flag) }),
  };
}

const told = ["type", "enum", "const", "properties", "required", "minimum", "maximum", "exclusiveMinimum"];

/** What the value is once it has been read; text, where reading makes of it what JSON Schema cannot tell. */
function valueSchema({ type }: Setting<unknown>): JsonSchema {
  const read = jsonSchemaOf(type, "output");
  const kinds = new Map((read.anyOf ?? [read]).map((kind) => [JSON.stringify(kind), factsOf(kind as JsonSchema)]));
  const [first = {}, ...others] = [...kinds.values()];
  if (others.length > 0) return { anyOf: [first, ...others] };
  return Object.keys(first).length > 0 ? first : { type: "string" };
}

/** Patterns are left out: JSON Schema has none that pass over upper and lower case, and the description says it in words. */
const factsOf = ({ items, ...schema }: JsonSchema): JsonSchema => ({
  ...Object.fromEntries(Object.entries(schema).filter(([key]) => told.includes(key))),
  ...(items === undefined ? {} : { items: factsOf(items as JsonSchema) }),
});
