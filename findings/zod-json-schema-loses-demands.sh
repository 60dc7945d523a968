#!/bin/bash
# zod 4.6.7, z.fromJSONSchema(), beside ajv 8.20 (JSON Schema 2020-12), seen 2026-11-28.
#
# Seen: for a schema with `not`, `if`, `dependentRequired` or `unevaluatedProperties` the conversion throws and says that
# this is not supported. Other demands it drops without a word: a name under `required` that is not among `properties`
# (so also the usual "one of these two is needed", an `anyOf` of two `required`), whatever stands beside `$ref`, and every
# keyword of a schema without `type` (`properties`, `minimum`, `items`, `minLength`). Values that ajv refuses are taken.
# The other way round, an object under `enum` or `const` is compared by identity, so the very value is refused, and
# `pattern` is compiled without Unicode, so \p{L} matches no letter.
#
# Guessed: what it cannot express it refuses, since it does so for four keywords by name; a schema that converts means
# what it says. Whoever checks a model's tool arguments (MCP tools, JSON replies) with it hands calls on that lack a
# required argument, and then shows the tool's own error, or none. Check such arguments with a JSON Schema validator.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund zod@4.6.7 ajv@8.20.0 >/dev/null 2>&1
cat > run.mjs <<'J'
import { createRequire } from "node:module";
import Ajv from "ajv/dist/2020.js";
import { z } from "zod";
const version = (name) => createRequire(import.meta.url)(`${name}/package.json`).version;
console.log(`Node ${process.version}, zod ${version("zod")}, ajv ${version("ajv")}`);
const ajv = new Ajv({ strict: false });
const name = { type: "string" };
const cases = [
  ["not", { not: { type: "string" } }, "x", "refused", "conversion throws"],
  ["if", { if: { minimum: 3 }, then: { multipleOf: 2 } }, 5, "refused", "conversion throws"],
  ["dependentRequired", { type: "object", dependentRequired: { a: ["b"] } }, { a: 1 }, "refused", "conversion throws"],
  ["required beyond properties", { type: "object", required: ["path"] }, {}, "refused", "taken"],
  ["one of two required", { type: "object", properties: { path: name, url: name }, anyOf: [{ required: ["path"] }, { required: ["url"] }] }, {}, "refused", "taken"],
  ["beside $ref", { $ref: "#/$defs/name", minLength: 3, $defs: { name } }, "a", "refused", "taken"],
  ["properties without type", { properties: { a: name } }, { a: 1 }, "refused", "taken"],
  ["minimum without type", { minimum: 3 }, 1, "refused", "taken"],
  ["items without type", { items: { type: "number" } }, ["a"], "refused", "taken"],
  ["const, an object", { const: { a: 1 } }, { a: 1 }, "taken", "refused"],
  ["pattern, letters", { type: "string", pattern: "^\\p{L}+$" }, "é", "taken", "refused"],
];
const asked = (ask) => { try { return ask() ? "taken" : "refused"; } catch { return "conversion throws"; } };
for (const [title, schema, value, byAjv, byZod] of cases) {
  const seen = [asked(() => ajv.compile(schema)(value)), asked(() => z.fromJSONSchema(schema).safeParse(value).success)];
  console.log(`${title.padEnd(27)} ${JSON.stringify(value).padEnd(10)} ajv: ${seen[0].padEnd(8)} zod: ${seen[1]}`);
  if (seen[0] !== byAjv || seen[1] !== byZod) { console.log(`CHANGED: ${title}`); process.exitCode = 1; }
}
J
node run.mjs
