import { isMap, type Node } from "yaml";
import { nearestName } from "../../base/names/edit-distance.js";
import { decisions, type ApprovalRule } from "../../history/approval-rule.js";
import { aiSettingsKeys, type AiSettings, type CheckShape } from "./ai.js";
import { extensionsOf } from "./programs/extensions.js";
import { goalsOf, guardsOf } from "./goals.js";
import { entriesOf, followed, textOf } from "./nodes.js";
import { protectionsOf } from "./protect.js";
import { writtenText, type Notes } from "./written-text.js";
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
  const mustNot = guardsOf(yaml, followed(yaml, entries.get("must_not") ?? null));
  return {
    aiName: required("ai_name"),
    aiRole: required("ai_role"),
    goals: goalsOf({ ...yaml, checks, hasMore, notes }, entries.get("ai_goals") ?? null, top),
    apiBudget: budgetOf(yaml, entries.get("api_budget") ?? null),
    ...(mustNot.length > 0 ? { mustNot } : {}),
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
