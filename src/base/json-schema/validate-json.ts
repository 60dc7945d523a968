import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { inThread } from "../waiting/in-thread.js";

const validation = `
const { parentPort, workerData } = require("node:worker_threads");
const { text, schemaText, validators } = workerData;
const parsed = (what, source) => {
  try {
    return { value: JSON.parse(source.replace(/^\\uFEFF/, "")) };
  } catch (error) {
    return { problem: what + " is no JSON: " + error.message };
  }
};
const judge = () => {
  const schema = parsed("the schema", schemaText);
  if (schema.problem) return schema.problem;
  const data = parsed("the file", text);
  if (data.problem) return data.problem;
  const version = String((schema.value && schema.value.$schema) || "");
  const known = version === "" || /2020-12/.test(version) ? "2020-12" : /draft-0?7/.test(version) ? "draft-07" : null;
  if (known === null) return "the schema is written for " + version + "; 2020-12 and draft-07 are understood";
  const exported = require(validators[known]);
  const Ajv = exported.default || exported;
  let validate;
  try {
    validate = new Ajv({ strict: false, validateFormats: false, logger: false }).compile(schema.value);
  } catch (error) {
    return "the schema cannot be used: " + error.message;
  }
  if (validate(data.value)) return null;
  const [first] = validate.errors || [];
  if (!first) return "the schema does not allow it";
  const extra = first.params && (first.params.additionalProperty || first.params.unevaluatedProperty);
  return "at " + (first.instancePath || "the top") + ": it " + first.message + (extra ? " (" + JSON.stringify(extra) + ")" : "");
};
parentPort.postMessage(judge());
`;

/** A schema of a few lines takes milliseconds; a pattern in it can take for ever. */
const limitMs = 10_000;
const mostMegabytes = 512;

/** Packages, and the files that stand beside the bundle in their place. */
const packages = { "2020-12": ["ajv/dist/2020", "ajv-2020.cjs"], "draft-07": ["ajv", "ajv.cjs"] } as const;

/**
 * Why a JSON Schema (2020-12 or draft-07) does not allow a text, in words; null where it does. `format` says nothing, and no
 * other schema is fetched. It runs in a thread of its own, because a pattern can take time that grows exponentially.
 */
export async function validateJson(text: string, schemaText: string, most = limitMs): Promise<string | null> {
  const validators = Object.fromEntries(Object.entries(packages).map(([version, names]) => [version, fileOf(names)]));
  return inThread<string | null>(
    validation,
    { text, schemaText, validators },
    {
      ms: most,
      late: () => "the schema takes too long on this file",
      what: "the validation",
      resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
    },
  );
}

function fileOf([name, bundled]: readonly [string, string]): string {
  const beside = fileURLToPath(new URL(`./${bundled}`, import.meta.url));
  return existsSync(beside) ? beside : createRequire(import.meta.url).resolve(name);
}
