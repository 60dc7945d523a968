import { isMap, isScalar, Pair, Scalar, YAMLMap } from "yaml";
import type { ApprovalRule } from "../../history/approval-rule.js";
import type { CheckShape } from "./ai.js";
import { textOfDocument } from "./render.js";
import { parseSettingsYaml } from "./yaml.js";

/**
 * The text of ai_settings.yaml with these rules before all that it has, so that they are what counts; its comments, other
 * keys and line ends stay. Throws SettingsError where the text before is no such file.
 */
export function renderRules(
  before: string,
  file: string,
  rules: readonly ApprovalRule[],
  checks: readonly CheckShape[],
): string {
  const names = checks.map(({ name }) => name);
  const { document, problem } = parseSettingsYaml(before, file, { schema: "core", checks: names });
  const top: unknown = document.contents;
  if (!isMap(top)) throw problem(top, "ai_name, ai_role and ai_goals were expected here.");
  const old: unknown = top.get("approve", true);
  const approve = isMap(old) ? old : new YAMLMap();
  if (approve !== old) top.set("approve", approve);
  approve.flow = false;
  for (const rule of rules) addRule(approve, rule);
  return textOfDocument(document, before);
}

/** Puts a rule first among those of its command, and its command first among all, where it is new. */
function addRule(approve: YAMLMap, { command, pattern, decision }: ApprovalRule): void {
  const own: unknown = approve.get(command, true);
  if (pattern === null) {
    if (own === undefined) approve.items.unshift(pairOf(command, decision));
    else approve.set(command, decision);
    return;
  }
  if (isMap(own)) {
    if (own.has(pattern)) own.delete(pattern);
    own.items.unshift(pairOf(pattern, decision));
    return;
  }
  const patterns = new YAMLMap();
  patterns.items.push(pairOf(pattern, decision));
  // What the file says of the whole command stays so for all other calls.
  if (isScalar(own) && typeof own.value === "string") patterns.items.push(new Pair(quoted("*"), own));
  if (own === undefined) approve.items.unshift(new Pair(new Scalar(command), patterns));
  else approve.set(command, patterns);
}

const pairOf = (key: string, value: string): Pair => new Pair(quoted(key), new Scalar(value));

function quoted(key: string): Scalar {
  const name = new Scalar(key);
  if (!/^[a-z_]+$/.test(key)) name.type = "QUOTE_DOUBLE";
  return name;
}
