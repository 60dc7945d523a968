import { Scalar, YAMLMap, YAMLSeq, isMap, isNode, isScalar, isSeq, visit, type Document, type Node } from "yaml";
import { goalEntryOf, type Goal } from "../../history/goals.js";
import type { AiSettings, CheckShape } from "./ai.js";
import { parseAiSettings } from "./parse.js";
import { parseSettingsYaml } from "./yaml.js";

/** Long texts stay on one line, so that a goal is a line. */
const layout = { lineWidth: 0 } as const;

/**
 * The text of ai_settings.yaml with this AI. What stood there before keeps its comments, its other keys and its line
 * ends; goals that did not change keep their own lines. Throws SettingsError where the text before is no such file.
 */
export function renderAiSettings(
  before: string,
  file: string,
  ai: Omit<AiSettings, "apiBudget" | "approve" | "protect" | "mustNot">,
  checks: readonly CheckShape[],
): string {
  const names = checks.map(({ name }) => name);
  const { document, problem } = parseSettingsYaml(before, file, { schema: "core", checks: names });
  if (document.contents === null) document.contents = new YAMLMap() as never;
  const top: unknown = document.contents;
  if (!isMap(top))
    throw problem(top, "ai_name, ai_role and ai_goals were expected here; move this file out of the way.");
  const goals = goalList(document, top.get("ai_goals", true), goalsBefore(before, file, checks), ai.goals);
  setText(top, "ai_name", ai.aiName);
  setText(top, "ai_role", ai.aiRole);
  top.set("ai_goals", goals);
  return textOfDocument(document, before);
}

/** The text of a file whose document was changed, with the line ends of what stood there before. */
export function textOfDocument(document: Document.Parsed, before: string): string {
  const text = withEscapes(document.toString(layout), before);
  return before.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
}

/** Replaces a text, and keeps the node of one that stays the same, with its comments. */
function setText(top: YAMLMap, key: string, text: string): void {
  const old: unknown = top.get(key, true);
  if (!isScalar(old)) return top.set(key, inQuotes(new Scalar(text)));
  if (old.value === text) return;
  old.value = text;
  inQuotes(old);
}

/** A text that every reader of YAML, the Python original's too, takes for the same text without quotes. */
const isPlain = (text: string): boolean =>
  /^[\p{L}][\p{L}\p{M}\p{N} ,.;()/'’!?_+-]*$/u.test(text) &&
  !/^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i.test(text) &&
  text.trimEnd() === text;

/** Puts a text into double quotes, unless it needs none. */
function inQuotes<Kind extends Node>(node: Kind): Kind {
  visit(node, {
    Scalar(_, scalar) {
      if (typeof scalar.value !== "string") return;
      if (isPlain(scalar.value)) delete scalar.type;
      else scalar.type = "QUOTE_DOUBLE";
    },
  });
  return node;
}

/** Characters that a file in YAML 1.1 cannot hold, or that end its lines: they stand in double quotes only. */
const withEscapes = (text: string, before: string): string =>
  text.replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) =>
    before.includes(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** An older file may be incomplete; then nothing in it is a goal to keep. */
function goalsBefore(text: string, file: string, checks: readonly CheckShape[]): Goal[] {
  try {
    return parseAiSettings(text, file, checks).goals;
  } catch {
    return [];
  }
}

function goalList(document: Document, old: unknown, before: Goal[], goals: readonly Goal[]): YAMLSeq {
  const list = isSeq(old) ? old : new YAMLSeq();
  const nodes = [...list.items];
  const positions = goals.map((goal) => before.findIndex((one) => JSON.stringify(one) === JSON.stringify(goal)));
  list.flow = false;
  list.items = goals.map((goal, index) => {
    const position = positions[index] ?? -1;
    const isFirst = positions.indexOf(position) === index;
    const kept = isFirst ? nodes[position] : undefined;
    if (isNode(kept)) return kept;
    return withComments(
      inQuotes(document.createNode(written(goal))),
      positions.includes(index) ? undefined : nodes[index],
    );
  });
  return list;
}

const written = (goal: Goal): unknown => goalEntryOf(goal);

function withComments(node: Node, old: unknown): Node {
  if (!isNode(old)) return node;
  node.commentBefore = old.commentBefore ?? null;
  node.comment = old.comment ?? null;
  return node;
}
