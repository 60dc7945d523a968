import * as z from "zod";
import { SettingsError } from "../../errors.js";
import type { CatalogExtra } from "./catalog.js";
import { efforts } from "./effort.js";

const tokens = z.number().int().positive();
const dollars = z.number().nonnegative();

const facts = z.strictObject({
  window: tokens.optional(),
  maxOutputTokens: tokens.optional(),
  prices: z
    .strictObject({
      input: dollars,
      cachedInput: dollars.optional(),
      cacheWrite: dollars.optional(),
      output: dollars.default(0),
    })
    .optional(),
  longPrompt: z
    .strictObject({ above: tokens, inputFactor: z.number().min(1), outputFactor: z.number().min(1) })
    .optional(),
  limitParameter: z.enum(["max_tokens", "max_completion_tokens"]).optional(),
  temperature: z.enum(["yes", "no", "only-without-reasoning"]).optional(),
  reasoningEffort: z.union([z.boolean(), z.array(z.enum(efforts)).min(1)]).optional(),
  promptCache: z.boolean().optional(),
  jsonSchema: z.boolean().optional(),
  jsonObject: z.boolean().optional(),
  api: z.enum(["chat", "responses"]).optional(),
  background: z.boolean().optional(),
  retires: z.iso.date().optional(),
  replacement: z.string().min(1).optional(),
  encoding: z.enum(["o200k_base", "cl100k_base"]).optional(),
  dimension: tokens.optional(),
  inputLimit: tokens.optional(),
});
const file = z.record(z.string().min(1), facts);

/**
 * Checks what was read from the MODEL_CATALOG file: a mapping from model names to any of the fields of a ModelEntry,
 * prices in US dollars per million tokens. An empty file adds nothing. Throws SettingsError, which names `source`
 * (the file) and the key that is wrong.
 */
export function parseCatalogExtra(value: unknown, source: string): CatalogExtra {
  const parsed = file.safeParse(value ?? {});
  if (parsed.success) return withoutUndefined(parsed.data);
  const [issue] = parsed.error.issues;
  const path = issue?.path.map(String).join(" → ");
  throw new SettingsError(
    `MODEL_CATALOG: ${source} is not a catalog of models: ${path ? `${path}: ` : ""}${issue?.message ?? "not a mapping"}. ` +
      "Expected a mapping from model names to fields such as window, prices (input, cachedInput, cacheWrite, output) or encoding.",
  );
}

/** A key without a value changes nothing: the known value stays. */
function withoutUndefined(extra: z.infer<typeof file>): CatalogExtra {
  return JSON.parse(JSON.stringify(extra)) as CatalogExtra;
}
