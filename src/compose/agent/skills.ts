import type { Skills } from "../../commands/skills.js";
import type { FoundSkill } from "../../instructions/skills/find-skills.js";

/** The skills of a run, as its commands use them; null where it has none. Few have: what loads them is imported for those alone. */
export async function openSkills(found: readonly FoundSkill[]): Promise<Skills | null> {
  if (found.length === 0) return null;
  const { createSkills } = await import("../../instructions/skills/library.js");
  return createSkills(found);
}
