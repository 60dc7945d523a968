import { isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import { isObject } from "../../base/json.js";
import { readWritten } from "../../base/written-value.js";
import { messageOf } from "../../errors.js";
import { guardChecks } from "../../goals/guards.js";
import type { Goal, WrittenCheck } from "../../history/goals.js";
import { mostGoals, type CheckShape } from "./ai.js";
import { entriesOf, followed, textOf } from "./nodes.js";
import { withHash, writtenText, type Notes } from "./written-text.js";
import type { SettingsYaml } from "./yaml.js";

/** A file, and the checks that its goals may have; `hasMore`: and others, of which nothing is known. */
export type GoalsYaml = SettingsYaml & { checks: readonly CheckShape[]; hasMore: boolean; notes: Notes };

/** The goals of `ai_goals`. Throws SettingsError. */
export function goalsOf(yaml: GoalsYaml, list: Node | null, top: Node): Goal[] {
  const expected = "ai_goals must be a list with at least one goal, each on a line that begins with a dash.";
  if (!isSeq(list) || list.items.length === 0) throw yaml.malformed(list ?? top, expected);
  if (list.items.length > mostGoals)
    throw yaml.problem(list, `ai_goals has ${list.items.length} goals; at most ${mostGoals} are taken.`);
  return list.items.map((item) => goalOf(yaml, followed(yaml, item), list));
}

function goalOf(yaml: GoalsYaml, node: Node | null, list: Node): Goal {
  const text = writtenText(yaml, node, yaml.notes);
  if (text === "") throw yaml.problem(node ?? list, "a goal is empty; write some text behind the dash, or remove it.");
  if (text !== null) return { goal: text, checks: [] };
  const entries = entriesOf(yaml, node);
  if (entries?.has("goal")) return goalWithChecks(yaml, node, entries);
  const [key = ""] = entries?.keys() ?? [];
  const isCheck = key === "checks" || yaml.checks.some(({ name }) => name === key);
  const written = isMap(node) && entries?.size === 1 && !isCheck ? sourceOf(yaml, node) : null;
  if (written === null) throw yaml.problem(node, "a goal must be some text, or goal with checks.");
  return { goal: written, checks: [] };
}

/** `Key: value` as the user wrote it, where the value is no structure of its own. */
function sourceOf(yaml: GoalsYaml, map: YAMLMap): string | null {
  const { source, notes } = yaml;
  const [pair] = map.items;
  const { key, value } = pair ?? {};
  if (!isScalar(key) || !key.range || (value !== null && !isScalar(value))) return null;
  const [start, , end] = map.range ?? key.range;
  if (map.flow) return source.slice(start, end).trim();
  const text = source.slice(key.range[0], value?.range?.[1] ?? key.range[1]);
  const isPlain = !value || value.type === "PLAIN";
  return isPlain && !text.includes("\n") ? withHash(yaml, key.range[0], text, notes, map) : text.trim();
}

function goalWithChecks(yaml: GoalsYaml, node: Node | null, entries: Map<string, Node | null>): Goal {
  const stranger = [...entries.keys()].find((key) => !["goal", "checks", "protects"].includes(key));
  if (stranger !== undefined)
    throw yaml.problem(node, `a goal has goal, checks and protects, but not ${JSON.stringify(stranger)}.`);
  const goal = writtenText(yaml, entries.get("goal"), yaml.notes);
  if (!goal) throw yaml.problem(entries.get("goal") ?? node, "goal must be some text.");
  const protects = patternsOf(yaml, entries.get("protects") ?? null);
  const rest = protects.length === 0 ? {} : { protects };
  const checks = entries.get("checks") ?? null;
  if (textOf(checks) === "") return { goal, checks: [], ...rest };
  if (!isSeq(checks)) throw yaml.problem(checks, `checks must be a list of ${checkNames(yaml)}.`);
  return { goal, checks: checks.items.map((item) => checkOf(yaml, followed(yaml, item), checks)), ...rest };
}

/** Patterns for files, one or a list. */
function patternsOf(yaml: GoalsYaml, node: Node | null): string[] {
  const text = textOf(node);
  if (text !== null) return text === "" ? [] : [text];
  const patterns = isSeq(node) ? node.items.map((item) => textOf(followed(yaml, item))) : [null];
  if (patterns.some((pattern) => !pattern))
    throw yaml.problem(node, "protects must be a list of files, folders or patterns for them.");
  return patterns as string[];
}

/** What is under `must_not`. Throws SettingsError. */
export function guardsOf(yaml: SettingsYaml, list: Node | null): WrittenCheck[] {
  if (textOf(list) === "") return [];
  const guards = { ...yaml, checks: guardChecks, hasMore: false, notes: [] };
  if (!isSeq(list))
    throw yaml.problem(
      list,
      `must_not must be a list of ${checkNames(guards)}, each on a line that begins with a dash.`,
    );
  return list.items.map((item) => checkOf(guards, followed(yaml, item), list, "each entry of must_not"));
}

const checkNames = ({ checks }: GoalsYaml): string => checks.map(({ name }) => name).join(", ");

function checkOf(yaml: GoalsYaml, node: Node | null, list: Node, each = "each check"): WrittenCheck {
  const [name = "", ...others] = entriesOf(yaml, node)?.keys() ?? [];
  const check = yaml.checks.find((one) => one.name === name);
  if (check === undefined && yaml.hasMore && name !== "" && others.length === 0) return plain(yaml, node);
  if (check === undefined || others.length > 0)
    throw yaml.problem(node ?? list, `${each} must be exactly one of ${checkNames(yaml)}${shown([name, ...others])}.`);
  const value = plain(yaml, node)[name];
  const read = readWritten(check.value, check.typed ? withTypes(yaml, node, name, value, check.typed) : value);
  if (!read.ok) throw yaml.problem(node, `${name}${read.problem}.`);
  return { [name]: read.value };
}

const shown = (names: string[]): string => (names[0] === "" ? "" : `, but here is ${names.join(" with ")}`);

function plain(yaml: SettingsYaml, node: Node | null): Readonly<Record<string, unknown>> {
  try {
    return node?.toJS(yaml.document) as Record<string, unknown>;
  } catch (error) {
    throw yaml.problem(node, `this check cannot be read (${messageOf(error)}).`);
  }
}

/** The same value, in which these fields have the types that YAML gives them: numbers, truth values, null. */
function withTypes(
  yaml: SettingsYaml,
  node: Node | null,
  name: string,
  value: unknown,
  fields: readonly string[],
): unknown {
  const written = entriesOf(yaml, node)?.get(name) ?? null;
  const entries = entriesOf(yaml, written);
  if (entries === null || !isObject(value)) return value;
  const typed = fields.flatMap((field): [string, unknown][] => {
    const inner = entries.get(field) ?? null;
    return inner === null || isScalar(inner) ? [] : [[field, typedValue(yaml, inner)]];
  });
  return { ...value, ...Object.fromEntries(typed) };
}

function typedValue(yaml: SettingsYaml, node: unknown): unknown {
  const target = followed(yaml, node);
  if (isMap(target))
    return Object.fromEntries(target.items.map(({ key, value }) => [textOf(key) ?? "", typedValue(yaml, value)]));
  if (isSeq(target)) return target.items.map((item) => typedValue(yaml, item));
  if (!isScalar(target)) return null;
  const text = String(target.value);
  if (target.type !== "PLAIN") return text;
  if (/^(?:~|null|)$/i.test(text)) return null;
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === "true";
  return /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : text;
}
