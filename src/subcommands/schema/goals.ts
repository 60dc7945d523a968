import { allChecks } from "../../goals/index.js";
import { aiSettingsForm } from "../../settings/ai/form.js";
import { jsonSchemaOf, type JsonSchema } from "./json-schema.js";

/** The JSON Schema of ai_settings.yaml, for editors. */
export const goalsSchema = (): JsonSchema => withScalars(jsonSchemaOf(aiSettingsForm(allChecks))) as JsonSchema;

/** Where a text is expected, YAML's numbers and truth values are taken as they are written. */
function withScalars(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withScalars);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withScalars(value)]));
  const isText = inner["type"] === "string" && !("enum" in inner) && !("pattern" in inner);
  return isText ? { ...inner, type: ["string", "number", "boolean"] } : inner;
}
