import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonSchema } from "../../../src/goals/checks/json-schema.js";
import { validateJson } from "../../../src/base/json-schema/validate-json.js";
import { parseAiSettings } from "../../../src/settings/ai/parse.js";
import { checkOnce, workspaceWith } from "../../support/once.js";

const person = {
  type: "object",
  properties: { name: { type: "string", minLength: 1 }, age: { type: "integer", minimum: 0 } },
  required: ["name"],
  additionalProperties: false,
};

test("json_schema says where a file is not what its schema allows", async (t) => {
  const workspace = await workspaceWith(t, {
    "good.json": '\ufeff{"name": "Ada", "age": 36}',
    "bad.json": '{"name": "Ada", "age": -1}',
    "more.json": '{"name": "Ada", "born": 1815}',
    "no.json": "{name: Ada}",
    "schema.json": JSON.stringify({ $schema: "http://json-schema.org/draft-07/schema#", ...person }),
    "old.json": JSON.stringify({ $schema: "http://json-schema.org/draft-04/schema#" }),
    "odd.json": '{"type": "objekt"}',
    "far.json": '{"$ref": "https://example.com/schema.json"}',
  });
  const check = (file: string, schema: unknown = person) => checkOnce(jsonSchema, { file, schema }, workspace);
  assert.equal((await check("good.json")).ok, true);
  assert.equal((await check("good.json", "schema.json")).ok, true);
  for (const [file, schema, found] of [
    ["bad.json", person, /at \/age: it must be >= 0/],
    ["more.json", "schema.json", /at the top: it must NOT have additional properties \("born"\)/],
    ["no.json", person, /the file is no JSON/],
    ["none.json", person, /file not found/],
    ["good.json", "none.json", /the schema none\.json was not found/],
    ["good.json", "no.json", /the schema is no JSON/],
    ["good.json", "old.json", /is written for .*draft-04.*; 2020-12 and draft-07 are understood/],
    ["good.json", "odd.json", /the schema cannot be used/],
    ["good.json", "far.json", /the schema cannot be used/],
  ] as const) {
    const result = await check(file, schema);
    assert.equal(result.ok, false);
    assert.match(result.found, found);
  }
});

test("a schema that takes for ever is given up", async () => {
  const schema = JSON.stringify({ type: "string", pattern: "^(a+)+$" });
  assert.equal(
    await validateJson(JSON.stringify(`${"a".repeat(60)}!`), schema, 300),
    "the schema takes too long on this file",
  );
});

test("a schema in ai_settings.yaml has the types of YAML, all else stays text", () => {
  const text = `ai_name: A
ai_role: r
ai_goals:
  - goal: g
    checks:
      - json_schema:
          file: 12
          schema: { type: object, required: [a], maxProperties: 3, additionalProperties: false, properties: { a: { const: "3", default: null, minimum: 1.5 } } }
`;
  const { goals } = parseAiSettings(text, "f", [jsonSchema]);
  assert.deepEqual(goals[0]?.checks, [
    {
      json_schema: {
        file: "12",
        schema: {
          type: "object",
          required: ["a"],
          maxProperties: 3,
          additionalProperties: false,
          properties: { a: { const: "3", default: null, minimum: 1.5 } },
        },
      },
    },
  ]);
});
