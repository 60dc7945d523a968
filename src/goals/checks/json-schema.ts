import * as z from "zod";
import { defineCheck } from "../check.js";
import { readJudged } from "../read-file.js";
import { validateJson } from "../../base/json-schema/validate-json.js";
import { text } from "../values.js";

const schemas = "must be the name of a file, or a JSON Schema";

/** Passes where the file is JSON that the schema allows; `schema` is a file of the workspace, or stands there itself. */
export const jsonSchema = defineCheck({
  name: "json_schema",
  value: z.strictObject(
    { file: text, schema: z.union([text, z.record(z.string(), z.unknown())], schemas) },
    "must be file and schema",
  ),
  typed: ["schema"],
  title: ({ file, schema }) => `${file} by ${typeof schema === "string" ? schema : "a schema"}`,
  files: ({ file }) => [file],
  basis: async ({ schema }) => ({ fixed: typeof schema === "string" ? [schema] : [] }),
  async run({ file, schema }, { workspace }) {
    const judged = await readJudged(workspace, file);
    if (judged === null) return { ok: false, found: "file not found" };
    const { sha256 } = judged;
    const source = typeof schema === "string" ? await readJudged(workspace, schema) : { text: JSON.stringify(schema) };
    if (source === null)
      return { ok: false, found: `the schema ${String(schema)} was not found`, evidence: { sha256 } };
    const problem = await validateJson(judged.text, source.text);
    return { ok: problem === null, found: problem ?? "the schema allows it", evidence: { sha256 } };
  },
});
