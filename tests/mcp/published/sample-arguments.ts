import { isObject } from "../../../src/base/json.js";

type Schema = Record<string, unknown>;

/** The least that a schema of a tool seems to allow: what it requires, with the first value of its kind. */
export function sampleOf(schema: unknown, root: Schema = isObject(schema) ? schema : {}): unknown {
  if (!isObject(schema)) return "x";
  const { $ref, enum: values, anyOf, oneOf, type } = schema;
  if (typeof $ref === "string") return sampleOf(resolved($ref, root), root);
  if ("const" in schema) return schema["const"];
  if ("default" in schema) return schema["default"];
  if (Array.isArray(values)) return values[0];
  const [choice] = [anyOf, oneOf].find(Array.isArray) ?? [];
  if (choice !== undefined) return sampleOf(choice, root);
  return sampleOfType(Array.isArray(type) ? type[0] : type, schema, root);
}

function sampleOfType(type: unknown, schema: Schema, root: Schema): unknown {
  const { minimum, minLength, minItems, items, required, properties } = schema;
  switch (type) {
    case "string":
      return "x".repeat(Math.max(1, Number(minLength ?? 1)));
    case "integer":
    case "number":
      return Math.max(1, Number(minimum ?? 1));
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return Array.from({ length: Number(minItems ?? 0) }, () => sampleOf(items, root));
    default: {
      const names = Array.isArray(required) ? required.map(String) : [];
      const fields = isObject(properties) ? properties : {};
      return Object.fromEntries(names.map((name) => [name, sampleOf(fields[name], root)]));
    }
  }
}

const resolved = (reference: string, root: Schema): unknown =>
  reference
    .replace(/^#\/?/, "")
    .split("/")
    .filter((part) => part !== "")
    .reduce<unknown>(
      (found, part) => (isObject(found) ? found[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined),
      root,
    );
