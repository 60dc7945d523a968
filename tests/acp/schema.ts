import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

type Definition = { "x-method"?: string; "x-side"?: string };
type Message = { id?: number | string | null; method?: string; params?: unknown; result?: unknown; error?: unknown };

/** Looks at each message on the line by the protocol's own JSON Schema, which the package brings along. */
export interface LineCheck {
  /** A line that the editor sends. */
  sent(line: string): void;
  /** A line that we send; fails where it does not keep to the schema. */
  received(line: string): Message;
}

const definitions = (): Record<string, Definition> => {
  const file = createRequire(import.meta.url).resolve("@agentclientprotocol/sdk");
  const schema = new URL("../../../schema/v1/schema.json", `file://${file}`);
  return (JSON.parse(readFileSync(schema, "utf8")) as { $defs: Record<string, Definition> }).$defs;
};

let compiled: { ajv: Ajv2020; defs: Record<string, Definition>; known: Map<string, ValidateFunction> } | undefined;

function validatorOf(name: string): ValidateFunction {
  if (compiled === undefined) {
    const ajv = new Ajv2020({ strict: false, discriminator: false });
    for (const format of ["uint16", "uint32", "uint64", "int32", "int64", "double", "uri"]) ajv.addFormat(format, true);
    compiled = { ajv, defs: definitions(), known: new Map() };
  }
  const { ajv, defs, known } = compiled;
  const found = known.get(name) ?? ajv.compile({ $defs: defs, $ref: `#/$defs/${name}` });
  known.set(name, found);
  return found;
}

function nameOf(method: string, form: RegExp): string {
  validatorOf("SessionId");
  const found = Object.entries(compiled?.defs ?? {}).find(
    ([name, definition]) => definition["x-method"] === method && form.test(name),
  );
  assert.ok(found, `The protocol has no ${method}.`);
  return found[0];
}

function assertKeeps(name: string, value: unknown): void {
  const validate = validatorOf(name);
  assert.ok(validate(value), `${name}: ${JSON.stringify(validate.errors?.slice(0, 4))}\n${JSON.stringify(value)}`);
}

export function createLineCheck(): LineCheck {
  const asked = new Map<unknown, string>();
  return {
    sent(line) {
      const { id, method } = JSON.parse(line) as Message;
      if (id !== undefined && method !== undefined) asked.set(id, method);
    },
    received(line) {
      const message = JSON.parse(line) as Message;
      const { id, method, params, result, error } = message;
      if (method?.startsWith("$/")) return message;
      if (method !== undefined) assertKeeps(nameOf(method, id === undefined ? /Notification$/ : /Request$/), params);
      else if (error !== undefined) assertKeeps("Error", error);
      else assertKeeps(nameOf(asked.get(id) ?? "", /Response$/), result);
      return message;
    },
  };
}
