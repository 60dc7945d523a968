import { isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import type { Goal, WrittenCheck } from "../../history/event-parts.js";
import { nearestName } from "../../base/edit-distance.js";
import { readWritten } from "../../base/written-value.js";
import { messageOf } from "../../errors.js";
import { decisions, type ApprovalRule } from "../../history/approval-rule.js";
import { aiSettingsKeys, mostGoals, type AiSettings, type CheckShape } from "./ai.js";
import { extensionsOf } from "./extensions.js";
import { entriesOf, followed, textOf } from "./nodes.js";
import { protectionsOf } from "./protect.js";
import { withHash, writtenText, type Notes } from "./written-text.js";
import { parseSettingsYaml, type SettingsYaml } from "./yaml.js";

/**
 * The text of an ai_settings.yaml → an AI, whose goals may have these checks; `loaded` says whether those of its
 * extensions are among them, otherwise every other check is taken as it is written. Throws SettingsError naming file,
 * line and what was expected.
 */
export function parseAiSettings(
  text: string,
  file: string,
  checks: readonly CheckShape[],
  { loaded = false } = {},
): AiSettings {
  const names = checks.map(({ name }) => name);
  const yaml = parseSettingsYaml(text, file, { schema: "failsafe", checks: names });
  const top = yaml.document.contents;
  if (top === null || textOf(top) === "")
    throw yaml.problem(null, "the file is empty; it needs ai_name, ai_role and ai_goals.");
  const entries = entriesOf(yaml, top);
  if (entries === null) throw yaml.malformed(top, "ai_name, ai_role and ai_goals were expected here.");
  const notes: Notes = unknownKeys(yaml, top);
  const required = (key: string) => {
    const value = entries.get(key);
    const found = writtenText(yaml, value, notes);
    if (found === "") throw yaml.malformed(value ?? top, `${key} is missing; it must be some text.`);
    if (found === null) throw yaml.malformed(value, `${key} must be some text.`);
    return found;
  };
  const hasMore = !loaded && extensionsOf(yaml, top).length > 0;
  const approve = approvalsOf(yaml, followed(yaml, entries.get("approve") ?? null));
  const protect = protectionsOf(yaml, followed(yaml, entries.get("protect") ?? null));
  return {
    aiName: required("ai_name"),
    aiRole: required("ai_role"),
    goals: goalsOf({ ...yaml, checks, hasMore, notes }, entries.get("ai_goals") ?? null, top),
    apiBudget: budgetOf(yaml, entries.get("api_budget") ?? null),
    ...(approve.length > 0 ? { approve } : {}),
    ...(protect.length > 0 ? { protect } : {}),
    ...(notes.length > 0 ? { notes } : {}),
  };
}

const knownKeys: readonly string[] = aiSettingsKeys;

/** Sentences on keys that mean nothing here; those that begin with `x-` or a dot are the user's own. */
function unknownKeys(yaml: SettingsYaml, top: Node): Notes {
  const pairs = isMap(top) ? top.items : [];
  return pairs.flatMap(({ key }) => {
    const name = textOf(key) ?? "";
    if (knownKeys.includes(name) || /^(?:x-|\.|<<)/i.test(name)) return [];
    const nearest = nearestName(name.toLowerCase().replaceAll("-", "_"), knownKeys);
    const meant = nearest === undefined ? ` There are ${knownKeys.join(", ")}.` : ` Did you mean ${nearest}?`;
    return [`${yaml.place(key)}: ${JSON.stringify(name.slice(0, 60))} means nothing here, and is left out.${meant}`];
  });
}

/** `command: always`, or `command:` with patterns for its calls below it. */
function approvalsOf(yaml: SettingsYaml, node: Node | null): ApprovalRule[] {
  if (textOf(node) === "") return [];
  const expected =
    `approve must name commands, each with ${decisions.join(", ")}, or with patterns that have one of them; ` +
    "behind always and ask may stand repeatable.";
  const commands = entriesOf(yaml, node);
  if (commands === null) throw yaml.problem(node, expected);
  const decided = (value: Node | null): Pick<ApprovalRule, "decision" | "repeatable"> => {
    const [written, ...more] = textOf(value)?.trim().toLowerCase().split(/\s+/) ?? [];
    const decision = decisions.find((one) => one === written);
    const repeatable = more.length === 1 && more[0] === "repeatable" && decision !== "never";
    if (decision === undefined || (more.length > 0 && !repeatable)) throw yaml.problem(value ?? node, expected);
    return { decision, ...(repeatable && { repeatable }) };
  };
  return [...commands].flatMap(([written, value]): ApprovalRule[] => {
    const command = written.toLowerCase();
    const patterns = entriesOf(yaml, value);
    if (patterns === null) return [{ command, pattern: null, ...decided(value) }];
    return [...patterns].map(([pattern, one]) => ({ command, pattern, ...decided(one) }));
  });
}

/** A file, and the checks that its goals may have; `hasMore`: and others, of which nothing is known. */
type GoalsYaml = SettingsYaml & { checks: readonly CheckShape[]; hasMore: boolean; notes: Notes };

function goalsOf(yaml: GoalsYaml, list: Node | null, top: Node): Goal[] {
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
  const stranger = [...entries.keys()].find((key) => key !== "goal" && key !== "checks");
  if (stranger !== undefined)
    throw yaml.problem(node, `a goal has goal and checks, but not ${JSON.stringify(stranger)}.`);
  const goal = writtenText(yaml, entries.get("goal"), yaml.notes);
  if (!goal) throw yaml.problem(entries.get("goal") ?? node, "goal must be some text.");
  const checks = entries.get("checks") ?? null;
  if (textOf(checks) === "") return { goal, checks: [] };
  if (!isSeq(checks)) throw yaml.problem(checks, `checks must be a list of ${checkNames(yaml)}.`);
  return { goal, checks: checks.items.map((item) => checkOf(yaml, followed(yaml, item), checks)) };
}

const checkNames = ({ checks }: GoalsYaml): string => checks.map(({ name }) => name).join(", ");

function checkOf(yaml: GoalsYaml, node: Node | null, list: Node): WrittenCheck {
  const [name = "", ...others] = entriesOf(yaml, node)?.keys() ?? [];
  const check = yaml.checks.find((each) => each.name === name);
  if (check === undefined && yaml.hasMore && name !== "" && others.length === 0) return plain(yaml, node);
  if (check === undefined || others.length > 0)
    throw yaml.problem(
      node ?? list,
      `each check must be exactly one of ${checkNames(yaml)}${shown([name, ...others])}.`,
    );
  const read = readWritten(check.value, plain(yaml, node)[name]);
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

/** 0 is no limit, as in the original. */
function budgetOf(yaml: SettingsYaml, node: Node | null): number | undefined {
  const text = textOf(node);
  if (text === "") return undefined;
  if (text === null || !/^\$?\d*\.?\d+$/.test(text))
    throw yaml.problem(node, "api_budget must be US dollars, for example 1.50, or 0 for no limit.");
  const amount = Number(text.replace("$", ""));
  if (!Number.isFinite(amount)) throw yaml.problem(node, "api_budget is too large; leave it out for no limit.");
  return amount === 0 ? undefined : amount;
}
