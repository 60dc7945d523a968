import { isAlias, isMap, isScalar, type Node } from "yaml";
import type { SettingsYaml } from "./yaml.js";

/** A scalar's text, "" for nothing at all, null for what is no text. */
export function textOf(node: unknown): string | null {
  if (node === undefined || node === null) return "";
  if (!isScalar(node)) return null;
  const text = String(node.value).trim();
  return node.type === "PLAIN" && /^(?:~|null)$/i.test(text) ? "" : text;
}

/** The node itself, or the one that an alias stands for. */
export function followed(yaml: SettingsYaml, node: unknown): Node | null {
  const target = isAlias(node) ? node.resolve(yaml.document) : node;
  return (target ?? null) as Node | null;
}

/** The entries of a map by their keys; null for what is no map. */
export function entriesOf(yaml: SettingsYaml, node: unknown): Map<string, Node | null> | null {
  if (!isMap(node)) return null;
  return new Map(node.items.map(({ key, value }) => [textOf(key) ?? "", followed(yaml, value)]));
}
