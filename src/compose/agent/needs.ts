import type { Need } from "../../commands/command.js";
import type { Settings } from "../../settings/schema.js";
import type { Code } from "../code.js";
import type { Models } from "../models.js";

/** What this run has of what a command may need. */
export async function whatIsThere(
  { settings, continuous, skills }: { settings: Settings; continuous: boolean; skills: readonly unknown[] },
  code: Code,
  { images }: Models,
): Promise<ReadonlySet<Need>> {
  const there = new Set<Need>(await code.runnable(continuous));
  if (settings.allowDownloads) there.add("downloads");
  if (images !== null) there.add("images");
  if (skills.length > 0) there.add("skills");
  return there;
}
