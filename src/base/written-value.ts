import type * as z from "zod";

type Issue = z.core.$ZodIssue;

/**
 * Reads a value whose scalars may all be texts, as a YAML file gives them: a text becomes a number or a truth value where
 * the schema wants one. `problem` names the place in the value and what was expected there.
 */
export function readWritten(
  schema: z.ZodType,
  written: unknown,
): { ok: true; value: unknown } | { ok: false; problem: string } {
  const first = schema.safeParse(written);
  const read = first.success ? first : schema.safeParse(converted(written, first.error.issues));
  if (read.success) return { ok: true, value: read.data };
  const [issue] = read.error.issues;
  const path = (issue?.path ?? []).map((part) => ` ${String(part)}`).join(":");
  return { ok: false, problem: `${path === "" ? "" : `:${path}`} ${issue?.message ?? "is wrong"}` };
}

/** The same value with what the issues say should be no text; a union's branches are looked into, too. */
function converted(value: unknown, issues: readonly Issue[]): unknown {
  let result = value;
  for (const issue of issues) {
    if (issue.code === "invalid_union") {
      for (const branch of issue.errors) result = changed(result, issue.path, (inner) => converted(inner, branch));
    } else if (issue.code === "invalid_type") {
      result = changed(result, issue.path, (inner) => scalar(inner, issue.expected));
    }
  }
  return result;
}

function changed(value: unknown, [key, ...rest]: readonly PropertyKey[], change: (inner: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? changed(item, rest, change) : item));
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return value;
  return { ...value, [key]: changed((value as Record<PropertyKey, unknown>)[key], rest, change) };
}

const number = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i;

function scalar(value: unknown, expected: string): unknown {
  if (typeof value !== "string") return value;
  if (expected === "number" || expected === "int") return number.test(value) ? Number(value) : value;
  if (expected === "boolean" && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === "true";
  return value;
}
