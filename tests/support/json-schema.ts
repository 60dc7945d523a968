import assert from "node:assert/strict";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { SchemaName } from "../../src/subcommands/schema/names.js";
import { schemaOf } from "../../src/subcommands/schema/schema.js";

const made = new Map<SchemaName, ValidateFunction>();

/** A check by the published schema, carried out by a validator that knows nothing of how it is made; made once, as that is dear. */
export function validatorOf(name: SchemaName): ValidateFunction {
  const validate = made.get(name) ?? compiled(name);
  made.set(name, validate);
  return validate;
}

function compiled(name: SchemaName): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, discriminator: false });
  ajv.addFormat("date-time", (text: string) => !Number.isNaN(Date.parse(text)));
  ajv.addVocabulary(["x-unit", "x-group", "x-setting", "x-environment", "x-flag"]);
  return ajv.compile(schemaOf(name));
}

/** Fails with what is wrong where the value does not keep to the schema. */
export function assertValid(validate: ValidateFunction, value: unknown): void {
  assert.ok(validate(value), `${JSON.stringify(validate.errors?.slice(-3))}\n${JSON.stringify(value)}`);
}
