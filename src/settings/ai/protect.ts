import { isSeq, type Node } from "yaml";
import { accesses, type Access, type ProtectionRule } from "../../protection/rule.js";
import { entriesOf, followed, textOf } from "./nodes.js";
import type { SettingsYaml } from "./yaml.js";

/** `protect:` of ai_settings.yaml: patterns, each alone (read-only) or with what may be done there. Throws SettingsError. */
export function protectionsOf(yaml: SettingsYaml, list: Node | null): ProtectionRule[] {
  if (textOf(list) === "") return [];
  const expected =
    "protect must be a list of patterns for files, each on a line that begins with a dash; behind a pattern may stand " +
    `a colon with ${accesses.join(", ")}.`;
  if (!isSeq(list)) throw yaml.problem(list, expected);
  return list.items.flatMap((item): ProtectionRule[] => {
    const node = followed(yaml, item);
    const pattern = textOf(node);
    if (pattern) return [{ pattern, access: "read-only" }];
    const entries = entriesOf(yaml, node);
    if (entries === null || entries.size === 0) throw yaml.problem(node ?? list, expected);
    return [...entries].map(([each, value]) => ({ pattern: each, access: accessOf(value) }));

    function accessOf(value: Node | null): Access {
      const access = accesses.find((one) => one === textOf(value)?.toLowerCase());
      if (access === undefined) throw yaml.problem(value ?? node, expected);
      return access;
    }
  });
}
