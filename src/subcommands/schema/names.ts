/** What `autogpt schema` prints a JSON Schema of: each has a copy below `schemas/`. */
export const schemaNames = ["events", "settings", "goals"] as const;
export type SchemaName = (typeof schemaNames)[number];
