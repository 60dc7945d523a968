import { eventsSchema } from "./events.js";
import { goalsSchema } from "./goals.js";
import type { JsonSchema } from "./json-schema.js";
import type { SchemaName } from "./names.js";
import { settingsSchema } from "./settings.js";

const schemas: Record<SchemaName, () => JsonSchema> = {
  events: eventsSchema,
  settings: settingsSchema,
  goals: goalsSchema,
};

/** The JSON Schema of this name (draft 2020-12). */
export const schemaOf = (name: SchemaName): JsonSchema => schemas[name]();
