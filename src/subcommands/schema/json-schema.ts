import * as z from "zod";

/** A JSON Schema, or a part of one (draft 2020-12). */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

const widest = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, Infinity, -Infinity];

/** The JSON Schema of what `type` takes ("input") or gives ("output"), without what only TypeScript or JavaScript knows. */
export function jsonSchemaOf(type: z.ZodType, io: "input" | "output" = "input"): JsonSchema {
  return z.toJSONSchema(type, {
    io,
    unrepresentable: "any",
    override({ jsonSchema }) {
      delete jsonSchema.readOnly;
      const { propertyNames } = jsonSchema;
      if (typeof propertyNames !== "object" || propertyNames.pattern === undefined) delete jsonSchema.propertyNames;
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
      if (widest.includes(jsonSchema.minimum ?? 0)) delete jsonSchema.minimum;
      if (widest.includes(jsonSchema.maximum ?? 0)) delete jsonSchema.maximum;
    },
  });
}
