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
    if (pattern) return [{ pattern: sound(pattern), access: "read-only" }];
    const entries = entriesOf(yaml, node);
    if (entries === null || entries.size === 0) throw yaml.problem(node ?? list, expected);
    return [...entries].map(([each, value]) => ({ pattern: sound(each), access: accessOf(value) }));

    /** The user would rely on a pattern that fits nothing. */
    function sound(written: string): string {
      const why = whyNothing(written.trim());
      if (why !== null) throw yaml.problem(node ?? list, `protect: ${JSON.stringify(written.slice(0, 100))} ${why}`);
      return written;
    }

    function accessOf(value: Node | null): Access {
      const access = accesses.find((one) => one === textOf(value)?.toLowerCase());
      if (access === undefined) throw yaml.problem(value ?? node, expected);
      return access;
    }
  });
}

const longestPattern = 4096;

/** Why a pattern protects nothing, as the rest of a sentence; null where it may protect something. */
function whyNothing(pattern: string): string | null {
  if (pattern.startsWith("!"))
    return `takes nothing back here: write ${JSON.stringify(pattern.slice(1))} with ": open" behind it.`;
  if (pattern.length > longestPattern) return "is too long.";
  if (pattern.split("/").includes("..")) return "leads out of the workspace, where commands reach nothing.";
  return /[^./]/.test(pattern) ? null : 'fits no file: "*" is all of them.';
}
